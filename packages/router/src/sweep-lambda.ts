import { costOf, type Path, QueeError, type SplitRole } from "@quee/core";
import { type FirstBitsOptions, firstStep } from "./first-bits.js";
import type { Foresight } from "./foresee.js";
import { assertLambda, assertLimits, type GateRuleOptions } from "./gate-rule.js";
import { lambdaSegments } from "./lambda-segments.js";
import type { OperatingPoint } from "./operating-point.js";
import { routingTree } from "./routing-tree.js";

export type SweepOptions = GateRuleOptions & Omit<FirstBitsOptions, "space">;

/** What all λ of an interval give. The setting lies inside, away from its ends, so that rounding cannot leave it. */
export interface SweepPoint extends OperatingPoint {
  /** The λ from which on it holds, up to that of the next point. */
  readonly from: number;
  /** Fraction of images that get an answer. The others count as wrong in `top1`. */
  readonly coverage: number;
}

/** Where the images of a split end at one λ. */
export interface Route {
  /** [N], index into `paths` of the sweep */
  readonly pathIndex: Int32Array;
  /** [N], 1 where the answer is right */
  readonly correct: Uint8Array;
  /** [N], 1 where there is no answer */
  readonly abstained: Uint8Array;
}

/** Every decision of a router on a split, for all λ at once. */
export interface LambdaSweep<Role extends SplitRole = SplitRole> {
  readonly role: Role;
  readonly count: number;
  readonly paths: readonly Path[];
  /** One for every λ at which anything changes, by rising λ; the first begins at 0. */
  readonly points: readonly SweepPoint[];
  pointAt(lambda: number): SweepPoint;
  routeAt(lambda: number): Route;
}

/**
 * The whole curve of a router, without a grid: every λ at which any image of the split changes its path. Another table of
 * costs is another sweep over the same foresight. QuEE (arXiv 2406.14404), section 5.3, equation 18.
 */
export function sweepLambda<Role extends SplitRole>(
  foresight: Foresight<Role>,
  options: SweepOptions,
): LambdaSweep<Role> {
  assertLimits(options);
  const { count, paths, role, space } = foresight;
  if (count === 0) {
    throw new QueeError({ code: "E_NO_SAMPLES", kind: "input", where: "sweep", expected: "samples", got: "none" });
  }
  const root = routingTree(foresight, firstStep({ space, ...options }), options);
  const segments = segmentsOf(count, (image, onSegment) =>
    lambdaSegments(root, image, options.abstainAbove, onSegment),
  );
  const points = pointsOf(segments, foresight, options);
  return {
    role,
    count,
    paths,
    points,
    pointAt: (lambda) => {
      assertLambda(lambda);
      return points[lastAtMost(lambda, 0, points.length, (p) => points[p].from)];
    },
    routeAt: (lambda) => {
      assertLambda(lambda);
      return routeAt(lambda, segments, foresight);
    },
  };
}

/** The segments of all images, one image after the other. */
interface Segments {
  /** [N + 1], where the segments of each image begin */
  readonly starts: Int32Array;
  readonly from: Float64Array;
  readonly path: Int32Array;
  readonly abstains: Uint8Array;
}

function segmentsOf(
  count: number,
  walk: (image: number, onSegment: (from: number, path: number, abstains: boolean) => void) => void,
): Segments {
  const starts = new Int32Array(count + 1);
  const from: number[] = [];
  const path: number[] = [];
  const abstains: number[] = [];
  const onSegment = (lambda: number, p: number, abstained: boolean) => {
    from.push(lambda);
    path.push(p);
    abstains.push(abstained ? 1 : 0);
  };
  for (let image = 0; image < count; image++) {
    walk(image, onSegment);
    starts[image + 1] = from.length;
  }
  return {
    starts,
    from: Float64Array.from(from),
    path: Int32Array.from(path),
    abstains: Uint8Array.from(abstains),
  };
}

function pointsOf(
  { starts, from, path, abstains }: Segments,
  { count, paths, correct }: Foresight,
  { costs }: SweepOptions,
): readonly SweepPoint[] {
  const costOfPath = paths.map((one) => costOf(costs, one));
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
      top1: right / count,
      cost: cost / count,
      coverage: answered / count,
    });
  }
  return points;
}

/** Lines that meet at the same λ are found to meet some rounding errors apart. */
function isSame(lambda: number, from: number): boolean {
  return lambda - from <= 1e-12 * from;
}

/** A λ of [from, to), in the middle but for the first and the last interval. */
function inside(from: number, to: number): number {
  if (from === 0) return 0;
  return to === Number.POSITIVE_INFINITY ? 2 * from : (from + to) / 2;
}

function routeAt(lambda: number, { starts, from, path, abstains }: Segments, { count, correct }: Foresight): Route {
  const route = {
    pathIndex: new Int32Array(count),
    correct: new Uint8Array(count),
    abstained: new Uint8Array(count),
  };
  for (let image = 0; image < count; image++) {
    const segment = lastAtMost(lambda, starts[image], starts[image + 1], (s) => from[s]);
    route.pathIndex[image] = path[segment];
    route.abstained[image] = abstains[segment];
    route.correct[image] = abstains[segment] === 1 ? 0 : correct[path[segment]][image];
  }
  return route;
}

/** The last index in [from, to) whose value is at most `limit`. Values ascend, and the first is at most `limit`. */
function lastAtMost(limit: number, from: number, to: number, valueAt: (index: number) => number): number {
  let [low, high] = [from, to];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (valueAt(middle) <= limit) low = middle;
    else high = middle;
  }
  return low;
}
