import { pairedBootstrap } from "@quee/metrics";
import type { TestedPoint } from "./test-rival.js";

/** One method: its chosen points of each seed, by rising cost. */
export type SeededPoints = readonly (readonly Pick<TestedPoint, "correct" | "cost">[])[];

/**
 * How right a method is about each image when it may spend `cost` on average: between two of its points a mixture by lot of
 * both, and above the dearest that one, since nobody must spend all. Null where its cheapest point costs more.
 * @param points by rising cost @returns probability of a right answer, [N]
 */
export function rightnessAtCost(
  points: readonly Pick<TestedPoint, "correct" | "cost">[],
  cost: number,
): Float64Array | null {
  const last = points.at(-1);
  if (last === undefined || cost < points[0].cost) return null;
  const right = points.findIndex((point) => point.cost > cost);
  if (right < 0) return Float64Array.from(last.correct);
  const [a, b] = [points[right - 1], points[right]];
  const share = (cost - a.cost) / (b.cost - a.cost);
  return Float64Array.from(a.correct, (hit, i) => (1 - share) * hit + share * b.correct[i]);
}

export interface MatchedDifference {
  readonly cost: number;
  /** Accuracy of the first method less that of the second. */
  readonly difference: number;
  /** 95 % interval of a paired bootstrap over test images. */
  readonly low: number;
  readonly high: number;
  /** The interval does not hold zero. */
  readonly significant: boolean;
}

/**
 * How much more accurate one method is than another at the same mean cost. Seeds are averaged image by image: the interval says
 * what other test images would change, not what other seeds would. Null where one of them has no point so cheap.
 */
export function differenceAtCost(
  first: SeededPoints,
  second: SeededPoints,
  cost: number,
  { seed, resamples = 2000 }: { readonly seed: number; readonly resamples?: number },
): MatchedDifference | null {
  const [a, b] = [first, second].map((method) => meanRightness(method, cost));
  if (a === null || b === null) return null;
  const interval = pairedBootstrap({ a, b, resamples, seed });
  if (interval === null) return null;
  return { cost, ...interval, significant: interval.low > 0 || interval.high < 0 };
}

/** Of all seeds; null where one of them has no point so cheap. */
function meanRightness(seeds: SeededPoints, cost: number): Float64Array | null {
  const all = seeds.map((points) => rightnessAtCost(points, cost));
  const known = all.filter((rightness) => rightness !== null);
  if (known.length === 0 || known.length < all.length) return null;
  return known[0].map((_, i) => known.reduce((sum, rightness) => sum + rightness[i], 0) / known.length);
}
