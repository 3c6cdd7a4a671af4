import { mean } from "./means.js";
import { sameLength } from "./same-length.js";

/** Probabilities of something that then happened (1) or not (0). [N] each */
export interface Forecasts {
  readonly probability: ArrayLike<number>;
  readonly outcome: ArrayLike<number>;
}

/** Mean of (p − o)². Brier 1950. */
export function brierScore({ probability, outcome }: Forecasts): number | null {
  const count = sameLength({ probability, outcome });
  return mean(Float64Array.from({ length: count }, (_, i) => (probability[i] - outcome[i]) ** 2));
}

/** Mean of −ln of the probability of what happened, in nats. Probabilities are kept `margin` away from 0 and 1. */
export function logLoss({ probability, outcome }: Forecasts, margin = 1e-7): number | null {
  const count = sameLength({ probability, outcome });
  const loss = (i: number) => {
    const p = Math.min(Math.max(probability[i], margin), 1 - margin);
    return -(outcome[i] * Math.log(p) + (1 - outcome[i]) * Math.log(1 - p));
  };
  return mean(Float64Array.from({ length: count }, (_, i) => loss(i)));
}

/** √ of the mean of (ŷ − y)². */
export function rootMeanSquaredError(values: {
  readonly predicted: ArrayLike<number>;
  readonly actual: ArrayLike<number>;
}): number | null {
  const { predicted, actual } = values;
  const count = sameLength({ predicted, actual });
  const squared = mean(Float64Array.from({ length: count }, (_, i) => (predicted[i] - actual[i]) ** 2));
  return squared === null ? null : Math.sqrt(squared);
}
