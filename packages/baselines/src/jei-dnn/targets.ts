import { exitProbabilities } from "./exit-probabilities.js";

/** The exit, from 0, with the least CE_l + λ·c_l of each sample; the earliest of equals. @param crossEntropy [n, E] */
export function bestExits(crossEntropy: Float64Array, cost: readonly number[], lambda: number): Int32Array {
  const exits = cost.length;
  return Int32Array.from({ length: crossEntropy.length / exits }, (_, i) => {
    let best = 0;
    const loss = (e: number) => crossEntropy[i * exits + e] + lambda * cost[e];
    for (let e = 1; e < exits; e++) if (loss(e) < loss(best)) best = e;
    return best;
  });
}

/** Gate l is to say "leave" where the best exit is l or an earlier one. @returns [n, E − 1] of 0 and 1 */
export function leaveLabels(best: Int32Array, gateCount: number): Float32Array {
  return Float32Array.from({ length: best.length * gateCount }, (_, at) =>
    at % gateCount >= best[Math.floor(at / gateCount)] ? 1 : 0,
  );
}

/** w_l = min(5, (n − n_l)/n_l), n_l samples whose best exit is l. @returns [E − 1] */
export function positiveWeights(best: Int32Array, gateCount: number): Float32Array {
  const counts = new Float64Array(gateCount + 1);
  for (const exit of best) counts[exit]++;
  return Float32Array.from({ length: gateCount }, (_, l) =>
    Math.min(5, (best.length - counts[l]) / Math.max(counts[l], 0.1)),
  );
}

/**
 * How much each head learns from each sample: P_l·r, with r = Σ_k CE_k / Σ_k P_k·CE_k, which keeps the sample's total loss, and
 * through which no gradient goes.
 * @param gates g, [n, E − 1] @param crossEntropy [n, E] @returns [n, E − 1]
 */
export function headImportance(gates: Float64Array, crossEntropy: Float64Array, gateCount: number): Float32Array {
  const exits = gateCount + 1;
  const importance = new Float32Array(gates.length);
  for (let i = 0; i * gateCount < gates.length; i++) {
    const leaving = exitProbabilities(gates.subarray(i * gateCount, (i + 1) * gateCount));
    let [total, weighted] = [0, 0];
    for (let e = 0; e < exits; e++) {
      total += crossEntropy[i * exits + e];
      weighted += leaving[e] * crossEntropy[i * exits + e];
    }
    const ratio = weighted > 0 ? total / weighted : 1;
    for (let l = 0; l < gateCount; l++) importance[i * gateCount + l] = leaving[l] * ratio;
  }
  return importance;
}
