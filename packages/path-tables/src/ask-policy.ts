import { type Action, assertNever, type Bits, type GateView, type Policy, pathKey, QueeError } from "@quee/core";

/** Where the images of a view go: positions within the view, ascending. */
export interface Decisions {
  readonly exits: Int32Array;
  /** They stop here without an answer. */
  readonly abstentions: Int32Array;
  /** Most bits first, so that the order does not depend on which image came first. */
  readonly continuing: ReadonlyMap<Bits, Int32Array>;
}

/** An action that goes on. The first gate may answer nothing else: no exit lies before block 1. */
export type ContinueAction = Extract<Action, { kind: "continue" }>;

/** Asks a policy about one view and checks that it answered for every image, and only "continue" where no exit lies. */
export function askPolicy(policy: Policy, view: GateView): Decisions {
  const actions = policy.decide(view);
  if (actions.length !== view.count) {
    throw badAnswer(policy, view, `${view.count} actions`, String(actions.length));
  }
  return groupActions(actions, (kind) => {
    if (view.prefix.length === 0) throw badAnswer(policy, view, "bits for block 1", kind);
  });
}

/** Sends every image of a view the same way. */
export function sendAll(count: number, action: ContinueAction): Decisions {
  return {
    exits: new Int32Array(0),
    abstentions: new Int32Array(0),
    continuing: new Map([[action.bits, Int32Array.from({ length: count }, (_, i) => i)]]),
  };
}

function groupActions(actions: readonly Action[], onStop: (kind: "exit" | "abstain") => void): Decisions {
  const stops = { exit: [] as number[], abstain: [] as number[] };
  const byBits = new Map<Bits, number[]>();
  for (const [i, action] of actions.entries()) {
    switch (action.kind) {
      case "exit":
      case "abstain":
        onStop(action.kind);
        stops[action.kind].push(i);
        break;
      case "continue": {
        const group = byBits.get(action.bits);
        if (group === undefined) byBits.set(action.bits, [i]);
        else group.push(i);
        break;
      }
      default:
        assertNever(action);
    }
  }
  const descending = [...byBits].sort(([a], [b]) => b - a);
  return {
    exits: Int32Array.from(stops.exit),
    abstentions: Int32Array.from(stops.abstain),
    continuing: new Map(descending.map(([level, group]) => [level, Int32Array.from(group)])),
  };
}

function badAnswer(policy: Policy, view: GateView, expected: string, got: string): QueeError {
  const gate = view.prefix.length === 0 ? "the first gate" : `the gate behind ${pathKey(view.prefix)}`;
  return new QueeError({
    code: "E_POLICY_ANSWER",
    kind: "internal",
    where: `policy "${policy.name}" at ${gate}`,
    expected,
    got,
  });
}
