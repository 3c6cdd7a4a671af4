import type { Action, Path } from "@quee/core";
import type { Gates, Prediction } from "@quee/gate-predictors";
import type { Trip } from "@quee/path-runtime";
import { type QueePolicyOptions, queePolicy } from "@quee/router";

/** What the newest gate foresees for the way that it chose; null where there was no gate. */
export type PredictedError = number | null;

export interface AskOptions extends Omit<QueePolicyOptions, "predict" | "space"> {
  readonly gates: Gates;
}

/** The router's actions, each with the predicted error of leaving behind the block that it leads to. */
export function askGates({ gates, ...options }: AskOptions): Trip<PredictedError>["ask"] {
  const foreseen: Prediction[] = [];
  const policy = queePolicy({
    ...options,
    space: gates.space,
    predict: (view) => {
      const foresight = gates.predict(view);
      foreseen.push(foresight);
      return foresight;
    },
  });
  return (view) => {
    const actions = policy.decide(view);
    // The first gate sees nothing and foresees nothing.
    const foresight = foreseen.pop();
    if (foresight === undefined) return actions.map((action) => ({ action, note: null }));
    const { candidates, predictedError } = foresight;
    const columnOf = columnsBehind(candidates, view.prefix);
    return actions.map((action, i) => ({
      action,
      note: predictedError[i * candidates.length + columnOf(action)] ?? null,
    }));
  };
}

/** Where among the candidates the path of an action stands: the prefix where it stops here, else one block more. */
function columnsBehind(candidates: readonly Path[], prefix: Path): (action: Action) => number {
  const exit = candidates.findIndex((path) => path.length === prefix.length);
  const next = new Map(
    candidates.flatMap((path, a) => (path.length === prefix.length + 1 ? [[path[prefix.length], a] as const] : [])),
  );
  return (action) => (action.kind === "continue" ? (next.get(action.bits) ?? exit) : exit);
}
