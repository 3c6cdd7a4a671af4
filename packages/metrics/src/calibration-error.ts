import { sameLength } from "./same-length.js";

export interface CalibrationErrorOptions {
  /** Predicted probability of being right. [N] */
  readonly confidence: ArrayLike<number>;
  /** 1 where right, else 0. [N] */
  readonly correct: ArrayLike<number>;
  /** Default 15. */
  readonly bins?: number;
  /** `equal-mass` (default) sorts and splits into parts of one size, as QuEE does; `equal-width` splits 0 … 1. */
  readonly binning?: "equal-mass" | "equal-width";
}

/**
 * Σ over bins of |bin|/N · |mean confidence − accuracy|. QuEE (arXiv 2406.14404), section 7.1.4.
 * Samples of one confidence share their accuracy, so that an equal-mass edge among them does not depend on their order:
 * confidences of clusters have only as many values as there are clusters.
 */
export function expectedCalibrationError(options: CalibrationErrorOptions): number | null {
  const { confidence, correct, bins = 15, binning = "equal-mass" } = options;
  const count = sameLength({ confidence, correct });
  if (count === 0) return null;
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => confidence[a] - confidence[b]);
  const sorted = Float64Array.from(order, (i) => confidence[i]);
  const accuracies = sharedAmongTies(
    sorted,
    Float64Array.from(order, (i) => correct[i]),
  );
  const gaps = new Float64Array(bins);
  for (let place = 0; place < count; place++) {
    const bin =
      binning === "equal-mass"
        ? Math.floor((place * bins) / count)
        : Math.min(Math.max(Math.floor(sorted[place] * bins), 0), bins - 1);
    gaps[bin] += sorted[place] - accuracies[place];
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / count;
}

function sharedAmongTies(sorted: Float64Array, values: Float64Array): Float64Array {
  const shared = new Float64Array(values.length);
  for (let start = 0; start < values.length; ) {
    let end = start;
    let sum = 0;
    while (end < values.length && sorted[end] === sorted[start]) sum += values[end++];
    shared.fill(sum / (end - start), start, end);
    start = end;
  }
  return shared;
}
