import { type Action, costOf, type GateView, type Path } from "@quee/core";
import { choicesAt, type Refusal } from "./choices.js";
import { firstStep } from "./first-bits.js";
import { actionTowards, assertLambda, assertLimits, leastError, verdictOf } from "./gate-rule.js";
import { predictChecked } from "./predictions.js";
import type { QueePolicyOptions } from "./quee-policy.js";

/** One way to go on, as the router saw it. */
export interface Candidate {
  readonly path: Path;
  readonly predictedError: number;
  readonly cost: number;
  /** λ·cost + predictedError; at λ = Infinity the cost alone decides and this is Infinity. */
  readonly loss: number;
  /** How far its loss is above that of the chosen one (its cost at λ = Infinity). Null where nothing was chosen, or it was not allowed. */
  readonly behind: number | null;
  /** Null where the gate could choose it. */
  readonly refused: Refusal | null;
}

export type Explanation = {
  readonly prefix: Path;
  readonly lambda: number;
  readonly action: Action;
} & (
  | {
      /** The first gate sends everything the same way; behind the last block everything exits. Neither asks anybody. */
      readonly rule: "first-gate" | "last-exit";
    }
  | {
      /**
       * `least-loss`: equation 18. `abstain`: the least predicted error is above the bound. `nothing-allowed`: no candidate is
       * allowed, so the image leaves with what it has paid for.
       */
      readonly rule: "least-loss" | "abstain" | "nothing-allowed";
      /** Those that could be chosen, cheapest first, then the others. */
      readonly candidates: readonly Candidate[];
      /** Position of the chosen one among `candidates`. */
      readonly chosen: number | null;
      /** Of the candidates that could be chosen; Infinity where there are none. */
      readonly leastError: number;
      readonly abstainAbove: number | null;
    }
);

/** Why `queePolicy` with the same options does what it does with image `index` of a view. */
export function explainDecision(view: GateView, index: number, options: QueePolicyOptions): Explanation {
  const { predict, costs, lambda, space, abstainAbove } = options;
  const { prefix } = view;
  assertLambda(lambda);
  assertLimits(options);
  if (prefix.length === 0) return { prefix, lambda, rule: "first-gate", action: actionTowards(firstStep(options), []) };
  if (prefix.length >= space.exitCount) return { prefix, lambda, rule: "last-exit", action: { kind: "exit" } };

  const { candidates, predictedError } = predictChecked(predict, view);
  const choices = choicesAt(prefix, candidates, options);
  const from = index * candidates.length;
  const verdict = verdictOf(predictedError, from, choices, { lambda, abstainAbove });
  const chosen = typeof verdict === "number" ? verdict : null;
  const shown = [...choices.order, ...choices.refused.keys()].map((a) => {
    const cost = costOf(costs, candidates[a]);
    const error = predictedError[from + a];
    const loss = lambda === Number.POSITIVE_INFINITY ? lambda : lambda * cost + error;
    return { path: candidates[a], predictedError: error, cost, loss, refused: choices.refused.get(a) ?? null };
  });
  const winner = chosen === null ? null : shown[chosen];
  const behind = ({ loss, cost, refused }: (typeof shown)[number]) => {
    if (winner === null || refused !== null) return null;
    return lambda === Number.POSITIVE_INFINITY ? cost - winner.cost : loss - winner.loss;
  };
  return {
    prefix,
    lambda,
    rule: chosen !== null ? "least-loss" : verdict === "abstain" ? "abstain" : "nothing-allowed",
    action: winner !== null ? actionTowards(winner.path, prefix) : { kind: verdict === "abstain" ? "abstain" : "exit" },
    candidates: shown.map((candidate) => ({ ...candidate, behind: behind(candidate) })),
    chosen,
    leastError: leastError(predictedError, from, choices),
    abstainAbove: abstainAbove ?? null,
  };
}
