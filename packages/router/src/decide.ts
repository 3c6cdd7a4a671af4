import { QueeError } from "@quee/core";
import type { Choices } from "./choices.js";

/**
 * Index of the action with the least λ·cost(a) + p̂(error | a).
 * Ties go to the earlier action: actions are ordered by cost.
 * QuEE (arXiv 2406.14404), equation 18; equation 9 is λ = 1.
 *
 * λ = Infinity is the limit: the least cost, and among equal costs the least predicted error.
 * @param predictedError [A] in [0, 1] @param cost [A], fractions of the most expensive path
 */
export function decide(predictedError: Float32Array, cost: ArrayLike<number>, lambda: number): number {
  assertSameLength(predictedError, cost);
  return leastLoss(predictedError, 0, { order: Int32Array.from(predictedError.keys()), cost }, lambda);
}

/**
 * Position, among choices in the order of cost, of the one with the least loss. The predicted errors of all candidates start
 * at `from`; where nothing may be chosen the answer is 0.
 */
export function leastLoss(
  predictedError: Float32Array,
  from: number,
  { order, cost }: Pick<Choices, "order"> & { readonly cost: ArrayLike<number> },
  lambda: number,
): number {
  // Infinity·0 is NaN, so the limit needs a rule of its own.
  const limit = lambda === Number.POSITIVE_INFINITY;
  let best = 0;
  let leastCost = Number.POSITIVE_INFINITY;
  let least = Number.POSITIVE_INFINITY;
  for (let a = 0; a < order.length; a++) {
    const error = predictedError[from + order[a]];
    const loss = limit ? error : lambda * cost[a] + error;
    if (Number.isNaN(loss + cost[a])) throw notANumber(a, error, cost[a], lambda);
    const isBetter = limit ? cost[a] < leastCost || (cost[a] === leastCost && loss < least) : loss < least;
    if (!isBetter) continue;
    best = a;
    least = loss;
    leastCost = cost[a];
  }
  return best;
}

function assertSameLength(predictedError: Float32Array, cost: ArrayLike<number>): void {
  if (predictedError.length === cost.length && cost.length > 0) return;
  throw new QueeError({
    code: "E_ACTIONS",
    kind: "internal",
    where: "predicted errors and costs of the actions at a gate",
    expected: "as many of each, at least one",
    got: `${predictedError.length} and ${cost.length}`,
  });
}

function notANumber(a: number, error: number, cost: number, lambda: number): QueeError {
  return new QueeError({
    code: "E_NOT_A_NUMBER",
    kind: "numeric",
    where: `action ${a} of a gate`,
    expected: "a predicted error, a cost and a λ that are numbers",
    got: `${error}, ${cost} and ${lambda}`,
  });
}
