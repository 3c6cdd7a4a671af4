import { maxRows, type Tensor } from "@quee/tensor";
import type { ErrorEstimator } from "./error-estimator.js";
import { perSample } from "./per-sample.js";
import { badOption } from "./refusals.js";

/**
 * What p̂ alone says of its own error. DOCTOR (Granese et al., NeurIPS 2021; QuEE's reference for "existing work" in section 4.1):
 * `doctor-alpha` is 1 − Σ p̂², the error of an answer drawn from p̂; `doctor-beta` is 1 − max p̂, that of its most probable class.
 * DOCTOR compares the odds (1 − ĝ)/ĝ and P̂e/(1 − P̂e) with a threshold; these are the probabilities with those odds.
 */
export type Uncertainty = "doctor-alpha" | "doctor-beta";

export interface UncertaintyOptions {
  /** p̂ is taken to the power 1/T and normalised again, which is a softmax of logits / T. Default 1. */
  readonly temperature?: number;
}

/** @param probabilities [N, K] @returns [N], each in [0, 1] */
export function uncertaintyOf(
  kind: Uncertainty,
  probabilities: Tensor,
  { temperature = 1 }: UncertaintyOptions = {},
): Float32Array {
  if (!(temperature > 0)) throw badOption("temperature", "a number above 0", temperature);
  const rows = temperature === 1 ? probabilities : tempered(probabilities, temperature);
  const sure = kind === "doctor-beta" ? maxRows(rows) : sumOfSquares(rows);
  return sure.map((value) => Math.min(Math.max(1 - value, 0), 1));
}

/** Needs no fitting; nothing says that it is calibrated: see `calibrated`. */
export function uncertaintyEstimator(kind: Uncertainty, options: UncertaintyOptions = {}): ErrorEstimator {
  const { temperature = 1 } = options;
  return {
    name: temperature === 1 ? kind : `${kind} at temperature ${temperature}`,
    estimate: (path, table) => perSample(table, path, (rows) => uncertaintyOf(kind, rows, options)),
  };
}

/** Σ p̂² of each row. @returns [N] */
function sumOfSquares({ shape: [rows, width], data }: Tensor): Float32Array {
  const sums = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += data[r * width + k] ** 2;
    sums[r] = sum;
  }
  return sums;
}

function tempered({ shape, data }: Tensor, temperature: number): Tensor {
  const [rows, width] = shape;
  const out = new Float32Array(data.length);
  for (let r = 0; r < rows; r++) {
    const row = data.subarray(r * width, (r + 1) * width);
    // In parts of the largest, so that a small temperature does not end in 0/0.
    const most = row.reduce((a, b) => Math.max(a, b), 0);
    const powers = Float64Array.from(row, (p) => (p / most) ** (1 / temperature));
    const sum = powers.reduce((a, b) => a + b, 0);
    for (let k = 0; k < width; k++) out[r * width + k] = powers[k] / sum;
  }
  return { shape, data: out };
}
