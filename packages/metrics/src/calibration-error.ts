import { type ReliabilityOptions, reliabilityBins } from "./reliability-bins.js";

export interface CalibrationErrorOptions extends Pick<ReliabilityOptions, "bins" | "binning"> {
  /** Predicted probability of being right. [N] */
  readonly confidence: ArrayLike<number>;
  /** 1 where right, else 0. [N] */
  readonly correct: ArrayLike<number>;
}

/** Σ over bins of |bin|/N · |mean confidence − accuracy|, null of no samples. QuEE (arXiv 2406.14404), section 7.1.4. */
export function expectedCalibrationError(options: CalibrationErrorOptions): number | null {
  const { confidence, correct, ...binning } = options;
  const bins = reliabilityBins({ probability: confidence, outcome: correct, ...binning });
  if (confidence.length === 0) return null;
  const gaps = bins.map(({ count, predicted, observed }) => count * Math.abs(predicted - observed));
  return gaps.reduce((sum, gap) => sum + gap, 0) / confidence.length;
}
