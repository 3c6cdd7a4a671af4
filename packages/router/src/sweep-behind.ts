import { type Bits, nextLevels, QueeError, type SplitRole } from "@quee/core";
import { type FirstGate, firstBitsAt } from "./first-gate.js";
import type { Foresight } from "./foresee.js";
import { assertLambda, type GateRuleOptions } from "./gate-rule.js";
import { lastAtMost } from "./image-segments.js";
import { inside, isSame } from "./lambda-interval.js";
import { type LambdaSweep, sweepLambda } from "./sweep-lambda.js";
import type { SweepPoint } from "./sweep-points.js";

/** The curve behind every level that the space allows block 1. */
export function sweepsByFirstBits<Role extends SplitRole>(
  foresight: Foresight<Role>,
  options: GateRuleOptions,
): ReadonlyMap<Bits, LambdaSweep<Role>> {
  const levels = nextLevels([], foresight.space);
  return new Map(levels.map((firstBits) => [firstBits, sweepLambda(foresight, { ...options, firstBits })]));
}

/**
 * The curve of a router whose first gate chooses, with the face of any other: at each λ that of the level which the gate has for
 * it. The gate comes from validation images, the sweeps from whatever split is looked at.
 */
export function sweepBehind<Role extends SplitRole>(
  firstGate: FirstGate,
  sweeps: ReadonlyMap<Bits, LambdaSweep<Role>>,
): LambdaSweep<Role> {
  const sweepOf = (bits: Bits) => {
    const found = sweeps.get(bits);
    if (found !== undefined) return found;
    const expected = `one of ${[...sweeps.keys()].join(", ")}`;
    throw new QueeError({ code: "E_FIRST_BLOCK", kind: "config", where: "first gate", expected, got: String(bits) });
  };
  const points = firstGate.flatMap(({ from, bits }, s) =>
    pointsWithin(sweepOf(bits), from, firstGate[s + 1]?.from ?? Number.POSITIVE_INFINITY),
  );
  const { role, count, paths } = sweepOf(firstBitsAt(firstGate, 0));
  return {
    role,
    count,
    paths,
    points,
    pointAt: (lambda) => {
      assertLambda(lambda);
      return points[lastAtMost(lambda, 0, points.length, (p) => points[p].from)];
    },
    routeAt: (lambda) => sweepOf(firstBitsAt(firstGate, lambda)).routeAt(lambda),
  };
}

/** What a sweep gives for λ of [from, to). */
function pointsWithin({ points }: LambdaSweep, from: number, to: number): readonly SweepPoint[] {
  const within: SweepPoint[] = [];
  for (let p = lastAtMost(from, 0, points.length, (at) => points[at].from); p < points.length; p++) {
    const begin = Math.max(from, points[p].from);
    if (begin >= to) break;
    const end = Math.min(to, points[p + 1]?.from ?? Number.POSITIVE_INFINITY);
    if (!isSame(end, begin)) within.push({ ...points[p], from: begin, setting: inside(begin, end) });
  }
  return within;
}
