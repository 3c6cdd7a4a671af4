import {
  type Action,
  type Bits,
  type CostTable,
  type GateView,
  type Path,
  type PathSpace,
  type Policy,
  QueeError,
} from "@quee/core";
import { costOrder, orderedRow } from "./cost-order.js";
import { decide } from "./decide.js";
import { type Predict, predictChecked } from "./predictions.js";

export interface QueePolicyOptions {
  readonly predict: Predict;
  readonly costs: CostTable;
  /** What a whole unit of cost is worth in probability of error; 0 … Infinity. */
  readonly lambda: number;
  readonly space: PathSpace;
}

/**
 * The router: the first gate sends everything to the most bits (section 5.1); every later gate takes
 * π* = argmin λ·c(π′) + p̂(error | π′) over the candidates π′ that begin with the path so far, exits if π* is that path, and
 * else runs the next block at the bits of π*. QuEE (arXiv 2406.14404), section 5.3, equation 18.
 */
export function queePolicy({ predict, costs, lambda, space }: QueePolicyOptions): Policy {
  assertLambda(lambda);
  const first: Action = { kind: "continue", bits: mostBits(space) };
  return {
    name: `quee λ=${lambda}`,
    decide(view) {
      if (view.prefix.length === 0) return all(view, first);
      if (view.prefix.length >= space.exitCount) return all(view, { kind: "exit" });
      const { candidates, predictedError } = predictChecked(predict, view);
      const byCost = costOrder(candidates, costs);
      const actions = candidates.map((path) => actionTowards(path, view.prefix));
      return Array.from({ length: view.count }, (_, i) => {
        const best = decide(orderedRow(predictedError, i, byCost), byCost.cost, lambda);
        return actions[byCost.order[best]];
      });
    },
  };
}

/** The first step from `prefix` along `path`. */
export function actionTowards(path: Path, prefix: Path): Action {
  return path.length === prefix.length ? { kind: "exit" } : { kind: "continue", bits: path[prefix.length] };
}

export function assertLambda(lambda: number): void {
  if (lambda >= 0) return;
  throw new QueeError({
    code: "E_LAMBDA",
    kind: "config",
    where: "lambda",
    expected: "0 … Infinity",
    got: String(lambda),
  });
}

function all({ count }: GateView, action: Action): readonly Action[] {
  return Array.from({ length: count }, () => action);
}

function mostBits({ levels }: PathSpace): Bits {
  const [most] = levels.toSorted((a, b) => b - a);
  if (most !== undefined) return most;
  throw new QueeError({
    code: "E_LEVELS",
    kind: "config",
    where: "space.levels",
    expected: "at least one",
    got: "none",
  });
}
