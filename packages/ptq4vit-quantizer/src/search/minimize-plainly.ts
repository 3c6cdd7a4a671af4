import type { Minimization, Minimize } from "./alternate.js";
import type { Metric } from "./metric.js";
import { allOutputs } from "./regions.js";

/** Every candidate on every row, in plain loops: what a faster search has to agree with. */
export function minimizePlainly(metric: Metric): Minimize {
  return async (problem) => {
    const losses = lossesPlainly(metric, problem);
    return metric.needsGradient && !hasGradient(problem) ? null : firstLeast(losses);
  };
}

/** The loss of each candidate, in float64. */
export function lossesPlainly(metric: Metric, problem: Minimization): Float64Array {
  const { products, side, other, candidates, operand, bits } = problem;
  const { units, rows, inner, columns, rightIsShared } = products;
  const own = products[side];
  const rounded = new Float32Array(own.length);
  const [left, right] = side === "left" ? [rounded, other] : [other, rounded];
  const data = new Float64Array(units * rows * columns);
  const outputs = allOutputs(products);
  return Float64Array.from(candidates, (scale) => {
    operand.quantizer.roundInto(rounded, own, scale, bits);
    for (let row = 0, at = 0; row < units * rows; row++) {
      const block = rightIsShared ? 0 : Math.floor(row / rows) * columns;
      for (let p = 0; p < columns; p++, at++) {
        data[at] = 0;
        for (let k = 0; k < inner; k++) data[at] += left[row * inner + k] * right[(block + p) * inner + k];
      }
    }
    return metric.loss(products, outputs, { data, at: 0, perRow: columns });
  });
}

/** Index of the least value, the first of equals; NaN is more than anything. */
export function firstLeast(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] < values[best] || Number.isNaN(values[best])) best = i;
  return best;
}

function hasGradient({ products }: Minimization): boolean {
  return products.gradient.some((g) => g !== 0);
}
