import { type Bits, type CostTable, costOf } from "@quee/core";
import type { Foresight } from "./foresee.js";
import type { ImageSegments } from "./image-segments.js";
import { inside, isSame } from "./lambda-interval.js";
import type { OperatingPoint } from "./operating-point.js";

/** What all λ of an interval give. The setting lies inside, away from its ends, so that rounding cannot leave it. */
export interface SweepPoint extends OperatingPoint {
  /** The λ from which on it holds, up to that of the next point. */
  readonly from: number;
  /** Of block 1, for all images alike. */
  readonly firstBits: Bits;
  /** Fraction of images that get an answer. The others count as wrong in `top1`. */
  readonly coverage: number;
}

/** Adds up the images from λ to λ. */
export function sweepPoints(
  { starts, from, path, abstains }: ImageSegments,
  { count, paths, correct }: Foresight,
  counted: CostTable,
): readonly SweepPoint[] {
  const firstBits = paths[path[0]][0];
  const costOfPath = paths.map((one) => costOf(counted, one));
  const imageOf = new Int32Array(from.length);
  for (let image = 0; image < count; image++) imageOf.fill(image, starts[image], starts[image + 1]);
  const byLambda = Int32Array.from(from.keys()).sort((a, b) => from[a] - from[b] || a - b);
  // Images on each path, not a running sum of costs: nothing drifts.
  const onPath = new Int32Array(paths.length);
  let right = 0;
  let answered = 0;
  const add = (segment: number, sign: 1 | -1) => {
    onPath[path[segment]] += sign;
    if (abstains[segment] === 1) return;
    answered += sign;
    right += sign * correct[path[segment]][imageOf[segment]];
  };
  const points: SweepPoint[] = [];
  for (let s = 0; s < byLambda.length; ) {
    const lambda = from[byLambda[s]];
    for (; s < byLambda.length && isSame(from[byLambda[s]], lambda); s++) {
      const segment = byLambda[s];
      if (segment > starts[imageOf[segment]]) add(segment - 1, -1);
      add(segment, 1);
    }
    const next = s < byLambda.length ? from[byLambda[s]] : Number.POSITIVE_INFINITY;
    let cost = 0;
    for (let p = 0; p < onPath.length; p++) cost += onPath[p] * costOfPath[p];
    points.push({
      setting: inside(lambda, next),
      from: lambda,
      firstBits,
      top1: right / count,
      cost: cost / count,
      coverage: answered / count,
    });
  }
  return points;
}
