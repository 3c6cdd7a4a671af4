import type { Minimization, Minimize } from "./alternate.js";
import type { Metric } from "./metric.js";
import { firstLeast } from "./minimize-plainly.js";
import type { Multiplier } from "./multiplier.js";
import { allOutputs } from "./regions.js";

/** Every candidate on every row, with one product for each: what the other is measured against. */
export function minimizeExhaustively(metric: Metric, multiplier: Multiplier): Minimize {
  return async (problem) => {
    const sums = await exhaustiveLosses(metric, multiplier, problem);
    return metric.needsGradient && problem.products.gradient.every((g) => g === 0) ? null : firstLeast(sums);
  };
}

/** The whole loss of each candidate, or of some. */
export async function exhaustiveLosses(
  metric: Metric,
  multiplier: Multiplier,
  problem: Minimization,
  candidates: Iterable<number> = problem.candidates.keys(),
): Promise<Float64Array> {
  const { products, side, operand, bits, other } = problem;
  const { units, rows, inner, columns, rightIsShared } = products;
  const own = products[side];
  const rounded = new Float32Array(own.length);
  const [left, right] = side === "left" ? [rounded, other] : [other, rounded];
  const outputs = allOutputs(products);
  const losses: number[] = [];
  for (const c of candidates) {
    operand.quantizer.roundInto(rounded, own, problem.candidates[c], bits);
    const data = rightIsShared
      ? await multiplier.multiply(left, right, inner)
      : await multiplier.multiplyUnits(left, right, [units, rows, inner, columns]);
    losses.push(metric.loss(products, outputs, { data, at: 0, perRow: columns }));
  }
  return Float64Array.from(losses);
}
