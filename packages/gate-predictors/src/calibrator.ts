import { QueeError } from "@quee/core";
import { isotonicRegression, mean, plattScaling } from "@quee/metrics";

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

/** Predictions and what came of them: 1 where the answer was wrong. [n] each, at least one. */
export interface Foretold {
  readonly predicted: readonly number[];
  readonly wrong: readonly number[];
}

export const fitCalibrator: { readonly [K in Calibrator["kind"]]: (foretold: Foretold) => Calibrator } = {
  platt({ predicted, wrong }) {
    const { slope, intercept } = fitted(plattScaling({ score: predicted.map(logit), outcome: wrong }));
    // A falling line would turn the order of images round: then the predictions say nothing, and the base rate is left.
    return slope > 0
      ? { kind: "platt", slope, intercept }
      : { kind: "platt", slope: 0, intercept: logit(fitted(mean(wrong))) };
  },
  isotonic({ predicted, wrong }) {
    const { corners } = fitted(isotonicRegression({ score: predicted, outcome: wrong }));
    return { kind: "isotonic", at: corners.map(({ score }) => score), value: corners.map(({ value }) => value) };
  },
};

function fitted<T>(fit: T | null): T {
  if (fit !== null) return fit;
  throw new QueeError({
    code: "E_CALIBRATION",
    kind: "input",
    where: "calibration of gates",
    expected: "at least one image",
    got: "none",
  });
}

/** Kept finite: predictions are float32, and some round to 0 or 1. */
function logit(probability: number): number {
  const p = Math.min(Math.max(probability, 1e-7), 1 - 1e-7);
  return Math.log(p / (1 - p));
}

function interpolate(x: number, at: readonly number[], value: readonly number[]): number {
  // The first corner that does not lie before x.
  let [above, end] = [0, at.length];
  while (above < end) {
    const middle = (above + end) >> 1;
    if (at[middle] < x) above = middle + 1;
    else end = middle;
  }
  if (above === 0) return value[0];
  if (above === at.length) return value[at.length - 1];
  const share = (x - at[above - 1]) / (at[above] - at[above - 1]);
  // Rounded, the line may pass its end.
  return Math.min(value[above], value[above - 1] + share * (value[above] - value[above - 1]));
}
