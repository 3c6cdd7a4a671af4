/**
 * A rising function from predicted to calibrated error:
 * - `platt`: σ(slope·logit(h) + intercept). Platt 1999, in the form of Niculescu-Mizil and Caruana 2005 for probabilities.
 * - `isotonic`: straight lines through the points (at, value), level beyond the first and the last.
 */
export type Calibrator =
  | { readonly kind: "platt"; readonly slope: number; readonly intercept: number }
  | { readonly kind: "isotonic"; readonly at: readonly number[]; readonly value: readonly number[] };

/** @returns the function that a calibrator describes */
export function applyCalibrator(calibrator: Calibrator): (predicted: number) => number {
  switch (calibrator.kind) {
    case "platt": {
      const { slope, intercept } = calibrator;
      return (predicted) => 1 / (1 + Math.exp(-(slope * logit(predicted) + intercept)));
    }
    case "isotonic": {
      const { at, value } = calibrator;
      return (predicted) => interpolate(predicted, at, value);
    }
  }
}

/** Kept finite: predictions are float32, and some round to 0 or 1. */
export function logit(probability: number): number {
  const p = Math.min(Math.max(probability, 1e-7), 1 - 1e-7);
  return Math.log(p / (1 - p));
}

function interpolate(x: number, at: readonly number[], value: readonly number[]): number {
  const above = at.findIndex((place) => place >= x);
  if (above === 0) return value[0];
  if (above < 0) return value[value.length - 1];
  const share = (x - at[above - 1]) / (at[above] - at[above - 1]);
  return value[above - 1] + share * (value[above] - value[above - 1]);
}
