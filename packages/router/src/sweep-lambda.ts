import { type Path, QueeError, type SplitRole } from "@quee/core";
import type { Replay } from "@quee/path-tables";
import { type FirstBitsOptions, firstStep } from "./first-bits.js";
import type { Foresight } from "./foresee.js";
import { assertLambda, assertLimits, type GateRuleOptions } from "./gate-rule.js";
import { type ImageSegments, imageSegments, lastAtMost } from "./image-segments.js";
import { policyName } from "./quee-policy.js";
import { routingTree } from "./routing-tree.js";
import { type SweepPoint, sweepPoints } from "./sweep-points.js";

export type SweepOptions = GateRuleOptions & Omit<FirstBitsOptions, "space">;

/** Every decision of a router on a split, for all λ at once. */
export interface LambdaSweep<Role extends SplitRole = SplitRole> {
  readonly role: Role;
  readonly count: number;
  readonly paths: readonly Path[];
  /** One for every λ at which anything changes, by rising λ; the first begins at 0. */
  readonly points: readonly SweepPoint[];
  pointAt(lambda: number): SweepPoint;
  /** As `replay` of the policy with that λ would say, with indices into `paths` of the sweep: `summarize(route, sweep, costs)`. */
  routeAt(lambda: number): Replay;
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
  const points = sweepPoints(segments, foresight, options.counted ?? options.costs);
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
  { count, space, answers, correct }: Foresight,
): Replay {
  const pathIndex = new Int32Array(count);
  const prediction = new Int32Array(count).fill(-1);
  const right = new Uint8Array(count);
  for (let image = 0; image < count; image++) {
    const segment = lastAtMost(lambda, starts[image], starts[image + 1], (s) => from[s]);
    const taken = path[segment];
    pathIndex[image] = taken;
    if (abstains[segment] === 1) continue;
    prediction[image] = answers[taken][image];
    right[image] = correct[taken][image];
  }
  const policy = policyName(lambda);
  return { exit: "replayed", policy, exitCount: space.exitCount, pathIndex, prediction, correct: right };
}
