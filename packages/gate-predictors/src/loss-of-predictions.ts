import type { GateLoss } from "./training-graph.js";

/** Loss of one prediction against its target, both in [0, 1]; summed over pairs it is what the training graph computes. */
export const lossOfPrediction: { readonly [L in GateLoss]: (predicted: number, target: number) => number } = {
  mse: (predicted, target) => (predicted - target) ** 2,
  bce: (predicted, target) => {
    // Predictions are float32: a sigmoid that rounded to 0 or 1 must not make the loss infinite.
    const p = Math.min(Math.max(predicted, 1e-7), 1 - 1e-7);
    return -(target * Math.log(p) + (1 - target) * Math.log(1 - p));
  },
};
