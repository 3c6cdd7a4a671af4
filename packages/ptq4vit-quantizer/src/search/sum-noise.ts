import type { Metric } from "./metric.js";
import type { Multiplier } from "./multiplier.js";
import type { Products } from "./products.js";
import { allOutputs } from "./regions.js";

/** By how much, of the sum of the magnitudes of its terms, a sum may differ when it is added in another order in float32. */
const NOISE = 2 ** -22;

/**
 * How far the same estimates may move when they are multiplied and added in another order in float32: a difference of losses' roots, as
 * a loss is the square of a distance. It follows from the magnitudes of terms, since terms may cancel and their noise stays.
 */
export async function sumNoise(metric: Metric, products: Products, multiplier: Multiplier): Promise<number> {
  const { units, rows, inner, columns, rightIsShared } = products;
  const [left, right] = [products.left.map(Math.abs), products.right.map(Math.abs)];
  const magnitudes = rightIsShared
    ? await multiplier.multiply(left, right, inner)
    : await multiplier.multiplyUnits(left, right, [units, rows, inner, columns]);
  const loss = (data: Float32Array) => metric.loss(products, allOutputs(products), { data, at: 0, perRow: columns });
  // Estimates as large as their terms allow, of either sign: at least as far from the output as they are large.
  const size = (loss(magnitudes) + loss(magnitudes.map((value) => -value))) / 2;
  return NOISE * Math.sqrt(size);
}
