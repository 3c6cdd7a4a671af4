import { type Path, QueeError, type SplitRole } from "@quee/core";
import { type FirstBitsOptions, firstStep } from "./first-bits.js";
import type { Foresight } from "./foresee.js";
import { assertLambda, assertLimits, type GateRuleOptions } from "./gate-rule.js";
import { type ImageSegments, imageSegments, lastAtMost } from "./image-segments.js";
import { routingTree } from "./routing-tree.js";
import { type SweepPoint, sweepPoints } from "./sweep-points.js";

export type SweepOptions = GateRuleOptions & Omit<FirstBitsOptions, "space">;

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
  const segments = imageSegments(root, count, options.abstainAbove);
  const points = sweepPoints(segments, foresight, options.costs);
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

function routeAt(
  lambda: number,
  { starts, from, path, abstains }: ImageSegments,
  { count, correct }: Foresight,
): Route {
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
