import type { Random, Tensor } from "@quee/tensor";
import type { DistinctRows } from "./distinct-rows.js";
import { squaredDistance } from "./squared-distance.js";

/** `random` takes distinct points of the data as first centres; `kmeans++` spreads them (slower, less inertia). */
export type Initialization = "random" | "kmeans++";

/** First centres, all of different values: two equal ones would leave a cell empty from the start. @returns [C, K] */
export function initialCentres(
  points: Tensor,
  options: {
    readonly initialization: Initialization;
    readonly distinct: DistinctRows;
    /** C, at most the number of distinct points */
    readonly count: number;
    readonly random: Random;
  },
): Tensor<Float64Array> {
  const { initialization, distinct, count, random } = options;
  const rows = initialization === "random" ? distinctAtRandom(distinct, count, random) : spread(points, count, random);
  const width = points.shape[1];
  const centres = new Float64Array(count * width);
  for (const [c, row] of rows.entries()) centres.set(points.data.subarray(row * width, (row + 1) * width), c * width);
  return { shape: [count, width], data: centres };
}

/** Rows in random order, each value once. */
function distinctAtRandom(distinct: DistinctRows, count: number, random: Random): number[] {
  const seen = new Set<number>();
  const chosen: number[] = [];
  for (const row of random.permutation(distinct.ids.length)) {
    if (chosen.length === count) break;
    if (seen.has(distinct.ids[row])) continue;
    seen.add(distinct.ids[row]);
    chosen.push(row);
  }
  return chosen;
}

/**
 * k-means++ (Arthur and Vassilvitskii 2007): the next centre is drawn in proportion to the squared distance to the centres so
 * far. Greedy as in scikit-learn: of 2 + ⌊ln C⌋ draws the one that leaves the least of it.
 */
function spread(points: Tensor, count: number, random: Random): number[] {
  const [rows] = points.shape;
  const chosen = [random.below(rows)];
  let left = withCentre(points, chosen[0], new Float64Array(rows).fill(Number.POSITIVE_INFINITY));
  const draws = 2 + Math.floor(Math.log(count));
  while (chosen.length < count) {
    const candidates = Array.from({ length: draws }, () => drawInProportion(left, random));
    const best = candidates
      .map((row) => ({ row, left: withCentre(points, row, left) }))
      .reduce((a, b) => (sum(b.left) < sum(a.left) ? b : a));
    chosen.push(best.row);
    left = best.left;
  }
  return chosen;
}

/** Squared distance of every point to the nearer of `row` and what it had before. */
function withCentre({ shape: [, width], data }: Tensor, row: number, before: Float64Array): Float64Array {
  return before.map((least, r) => Math.min(least, squaredDistance(data, r * width, data, row * width, width)));
}

/** A row of positive weight. */
function drawInProportion(weights: Float64Array, random: Random): number {
  let place = random.uniform() * sum(weights);
  let last = 0;
  for (let r = 0; r < weights.length; r++) {
    if (weights[r] === 0) continue;
    last = r;
    place -= weights[r];
    if (place < 0) break;
  }
  return last;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
