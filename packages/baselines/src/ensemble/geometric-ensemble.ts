import { softmaxRows, type Tensor, zeros } from "@quee/tensor";
import { logProbability } from "../networks/cross-entropies.js";

/** p ∝ exp(bias)·Π_k p_k^{w_k} over the exits passed. */
export interface GeometricEnsemble {
  /** w, one per exit passed, oldest first */
  readonly weights: Float32Array;
  /** [K] */
  readonly bias: Float32Array;
}

/** @param history p̂ of the exits passed, each [n, K] @returns [n, K] */
export function applyEnsemble({ weights, bias }: GeometricEnsemble, history: readonly Float32Array[]): Tensor {
  const classCount = bias.length;
  const logits = zeros([history[0].length / classCount, classCount]);
  for (let at = 0; at < logits.data.length; at++) {
    let sum = bias[at % classCount];
    for (let k = 0; k < weights.length; k++) sum += weights[k] * logProbability(history[k][at]);
    logits.data[at] = sum;
  }
  return softmaxRows(logits);
}
