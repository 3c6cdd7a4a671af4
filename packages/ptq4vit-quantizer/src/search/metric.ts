import type { Products } from "./products.js";

/** How far estimates are from the float output: a sum of terms ≥ 0, one per row of outputs. Less is better. */
export interface Metric {
  readonly name: string;
  /** Whether rows without gradient add nothing, so that they need not be computed. */
  readonly needsGradient: boolean;
  /** How much a unit may add, roughly: units that tell most come first. */
  importance(products: Products, unit: number): number;
  /**
   * The term of one row, in float64.
   * @param estimate holds the row of P estimates from `at` on @param row index of the row among the U·M
   */
  rowLoss(products: Products, row: number, estimate: Float32Array | Float64Array, at: number): number;
}

/**
 * Σ (g·(y − ŷ))²: output error weighted by the squared gradient of the loss, the diagonal of PTQ4ViT's Hessian-guided metric
 * (arXiv 2111.12293).
 */
export const hessian: Metric = {
  name: "hessian",
  needsGradient: true,
  importance: (products, unit) => squares(products.gradient, unit, products.rows * products.columns),
  rowLoss({ target, gradient, columns }, row, estimate, at) {
    let sum = 0;
    for (let p = 0, t = row * columns; p < columns; p++, t++) {
      const error = gradient[t] * (target[t] - estimate[at + p]);
      sum += error * error;
    }
    return sum;
  },
};

/** Σ (y − ŷ)². */
export const squaredError: Metric = {
  name: "squared-error",
  needsGradient: false,
  importance: (products, unit) => squares(products.target, unit, products.rows * products.columns),
  rowLoss({ target, columns }, row, estimate, at) {
    let sum = 0;
    for (let p = 0, t = row * columns; p < columns; p++, t++) {
      const error = target[t] - estimate[at + p];
      sum += error * error;
    }
    return sum;
  },
};

/** Σ (1 − cos(y, ŷ)) over rows, bias included: directions of outputs, not their size. A row of zeros has no direction. */
export const cosine: Metric = {
  name: "cosine",
  needsGradient: false,
  importance: () => 1,
  rowLoss({ target, bias, columns }, row, estimate, at) {
    let dot = 0;
    let ofTarget = 0;
    let ofEstimate = 0;
    for (let p = 0, t = row * columns; p < columns; p++, t++) {
      const y = target[t] + (bias?.[p] ?? 0);
      const z = estimate[at + p] + (bias?.[p] ?? 0);
      dot += y * z;
      ofTarget += y * y;
      ofEstimate += z * z;
    }
    if (ofTarget === 0) return 0;
    return ofEstimate === 0 ? 1 : Math.max(0, 1 - dot / Math.sqrt(ofTarget * ofEstimate));
  },
};

export const metrics: readonly Metric[] = [hessian, squaredError, cosine];

function squares(values: Float32Array, unit: number, length: number): number {
  let sum = 0;
  for (let i = unit * length; i < (unit + 1) * length; i++) sum += values[i] * values[i];
  return sum;
}
