import { QueeError } from "@quee/core";

/**
 * Index of the action with the least λ·cost(a) + p̂(error | a).
 * Ties go to the earlier action: actions are ordered by cost.
 * QuEE (arXiv 2406.14404), equation 18.
 *
 * λ = Infinity is the limit: the least cost, and among equal costs the least predicted error.
 * @param predictedError [A] in [0, 1] @param cost [A], fractions of the most expensive path
 */
export function decide(predictedError: Float32Array, cost: Float32Array, lambda: number): number {
  assertSameLength(predictedError, cost);
  if (lambda === Number.POSITIVE_INFINITY) return cheapest(predictedError, cost);
  let best = 0;
  let bestLoss = Number.POSITIVE_INFINITY;
  for (let a = 0; a < cost.length; a++) {
    const loss = lambda * cost[a] + predictedError[a];
    if (loss < bestLoss) {
      best = a;
      bestLoss = loss;
    } else if (Number.isNaN(loss)) {
      throw notANumber(a, predictedError, cost, lambda);
    }
  }
  return best;
}

/** Infinity·0 is NaN, so the limit needs a rule of its own. */
function cheapest(predictedError: Float32Array, cost: Float32Array): number {
  let best = 0;
  for (let a = 0; a < cost.length; a++) {
    if (Number.isNaN(cost[a] + predictedError[a])) throw notANumber(a, predictedError, cost, Number.POSITIVE_INFINITY);
    if (cost[a] < cost[best] || (cost[a] === cost[best] && predictedError[a] < predictedError[best])) best = a;
  }
  return best;
}

function assertSameLength(predictedError: Float32Array, cost: Float32Array): void {
  if (predictedError.length === cost.length && cost.length > 0) return;
  throw new QueeError({
    code: "E_ACTIONS",
    kind: "internal",
    where: "predicted errors and costs of the actions at a gate",
    expected: "as many of each, at least one",
    got: `${predictedError.length} and ${cost.length}`,
  });
}

function notANumber(a: number, predictedError: Float32Array, cost: Float32Array, lambda: number): QueeError {
  return new QueeError({
    code: "E_NOT_A_NUMBER",
    kind: "numeric",
    where: `action ${a} of a gate`,
    expected: "a predicted error, a cost and a λ that are numbers",
    got: `${predictedError[a]}, ${cost[a]} and ${lambda}`,
  });
}
