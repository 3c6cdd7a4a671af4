import type { Action, CostTable, GateView, Path } from "@quee/core";
import { costOrder, orderedRow } from "./cost-order.js";
import { decide } from "./decide.js";
import { type Predict, predictChecked } from "./predictions.js";
import { actionTowards, assertLambda } from "./quee-policy.js";

/** One way to go on, as the router saw it. */
export interface Candidate {
  readonly path: Path;
  readonly predictedError: number;
  readonly cost: number;
  /** λ·cost + predictedError; at λ = Infinity the cost alone decides and this is Infinity. */
  readonly loss: number;
}

export interface Explanation {
  /** Cheapest first. */
  readonly candidates: readonly Candidate[];
  /** Position of the chosen one among `candidates`. */
  readonly chosen: number;
  readonly action: Action;
}

export interface ExplainOptions {
  readonly predict: Predict;
  readonly costs: CostTable;
  readonly lambda: number;
}

/** Why the router does what it does with image `index` of a view behind a block. */
export function explainDecision(
  view: GateView,
  index: number,
  { predict, costs, lambda }: ExplainOptions,
): Explanation {
  assertLambda(lambda);
  const { candidates, predictedError } = predictChecked(predict, view);
  const byCost = costOrder(candidates, costs);
  const errors = orderedRow(predictedError, index, byCost);
  const chosen = decide(errors, byCost.cost, lambda);
  return {
    candidates: Array.from(byCost.order, (a, position) => {
      const cost = byCost.cost[position];
      const error = errors[position];
      const loss = lambda === Number.POSITIVE_INFINITY ? lambda : lambda * cost + error;
      return { path: candidates[a], predictedError: error, cost, loss };
    }),
    chosen,
    action: actionTowards(candidates[byCost.order[chosen]], view.prefix),
  };
}
