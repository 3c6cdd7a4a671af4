import type { Products } from "./products.js";

/** Some outputs: of some units, some rows of each and some columns of these. */
export interface Outputs {
  readonly units: Int32Array;
  readonly rows: Int32Array;
  readonly columns: { readonly from: number; readonly until: number };
}

/** Where the estimates of some outputs lie: their first row begins at `at`, each other one `perRow` behind the one before. */
export interface Estimates {
  readonly data: Float32Array | Float64Array;
  readonly at: number;
  readonly perRow: number;
}

/** How far estimates are from the float output: a sum of terms ≥ 0, one per row of outputs. Less is better. */
export interface Metric {
  readonly name: MetricName;
  /** Whether rows without gradient add nothing, so that they need not be computed. */
  readonly needsGradient: boolean;
  /** Whether the term of a row is itself a sum over its columns, so that some columns can be looked at before others. */
  readonly isSumOverColumns: boolean;
  /** How much a unit may add, roughly: units that tell most come first. */
  importance(products: Products, unit: number): number;
  /** The terms of some outputs together, in float64. */
  loss(products: Products, outputs: Outputs, estimates: Estimates): number;
}

/**
 * Σ (g·(y − ŷ))²: output error weighted by the squared gradient of the loss, the diagonal of PTQ4ViT's Hessian-guided metric
 * (arXiv 2111.12293).
 */
export const hessian: Metric = {
  name: "hessian",
  needsGradient: true,
  isSumOverColumns: true,
  importance: (products, unit) => squares(products.gradient, unit, products.rows * products.columns),
  loss: ({ target, gradient, rows: height, columns: width }, { units, rows, columns }, { data, at, perRow }) => {
    let sum = 0;
    let row = at;
    for (let u = 0; u < units.length; u++) {
      for (let m = 0; m < rows.length; m++, row += perRow) {
        const first = (units[u] * height + rows[m]) * width;
        for (let t = first + columns.from, e = row; t < first + columns.until; t++, e++) {
          const error = gradient[t] * (target[t] - data[e]);
          sum += error * error;
        }
      }
    }
    return sum;
  },
};

/** Σ (y − ŷ)². */
export const squaredError: Metric = {
  name: "squared-error",
  needsGradient: false,
  isSumOverColumns: true,
  importance: (products, unit) => squares(products.target, unit, products.rows * products.columns),
  loss: ({ target, rows: height, columns: width }, { units, rows, columns }, { data, at, perRow }) => {
    let sum = 0;
    let row = at;
    for (let u = 0; u < units.length; u++) {
      for (let m = 0; m < rows.length; m++, row += perRow) {
        const first = (units[u] * height + rows[m]) * width;
        for (let t = first + columns.from, e = row; t < first + columns.until; t++, e++) {
          const error = target[t] - data[e];
          sum += error * error;
        }
      }
    }
    return sum;
  },
};

/** Σ (1 − cos(y, ŷ)) over rows, bias included: directions of outputs, not their size. A row of zeros has no direction. */
export const cosine: Metric = {
  name: "cosine",
  needsGradient: false,
  isSumOverColumns: false,
  importance: () => 1,
  loss: ({ target, bias, rows: height, columns: width }, { units, rows }, { data, at, perRow }) => {
    let sum = 0;
    let row = at;
    for (let u = 0; u < units.length; u++) {
      for (let m = 0; m < rows.length; m++, row += perRow) {
        let dot = 0;
        let ofTarget = 0;
        let ofEstimate = 0;
        for (let p = 0, t = (units[u] * height + rows[m]) * width; p < width; p++, t++) {
          const y = target[t] + (bias?.[p] ?? 0);
          const z = data[row + p] + (bias?.[p] ?? 0);
          dot += y * z;
          ofTarget += y * y;
          ofEstimate += z * z;
        }
        if (ofTarget > 0) sum += ofEstimate === 0 ? 1 : Math.max(0, 1 - dot / Math.sqrt(ofTarget * ofEstimate));
      }
    }
    return sum;
  },
};

export const metrics: readonly Metric[] = [hessian, squaredError, cosine];

export type MetricName = "hessian" | "squared-error" | "cosine";

export function metricOf(name: MetricName): Metric {
  return metrics.find((metric) => metric.name === name) ?? hessian;
}

function squares(values: Float32Array, unit: number, length: number): number {
  let sum = 0;
  for (let i = unit * length; i < (unit + 1) * length; i++) sum += values[i] * values[i];
  return sum;
}
