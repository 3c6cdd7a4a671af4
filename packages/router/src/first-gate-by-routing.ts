import type { Bits } from "@quee/core";
import { firstBitsByRouting } from "./choose-first-bits.js";
import type { FirstGate, FirstGateStep } from "./first-gate.js";
import { inside, isSame } from "./lambda-interval.js";
import type { LambdaSweep } from "./sweep-lambda.js";

/**
 * `firstBitsByRouting` for all λ at once, without a grid: between two λ at which any of the sweeps changes, the loss of each
 * level is a line in λ, so the choice changes only where two of them meet.
 * @param sweeps on validation images, one per level of block 1: `sweepsByFirstBits`, with the costs that the router weighs
 */
export function firstGateByRouting(sweeps: ReadonlyMap<Bits, LambdaSweep<"validation">>): FirstGate {
  const changes = ascending([...sweeps.values()].flatMap(({ points }) => points.map(({ from }) => from)));
  const steps: FirstGateStep[] = [];
  for (const [c, change] of changes.entries()) {
    const next = changes[c + 1] ?? Number.POSITIVE_INFINITY;
    const between = meetings([...sweeps.values()], change, next);
    for (const [m, from] of between.entries()) {
      const bits = firstBitsByRouting(sweeps, inside(from, between[m + 1] ?? next));
      if (steps.at(-1)?.bits !== bits) steps.push({ from, bits });
    }
  }
  return steps;
}

/** `from`, and every λ between it and `to` where the losses of two levels meet. No sweep changes in between. */
function meetings(sweeps: readonly LambdaSweep[], from: number, to: number): readonly number[] {
  const lines = sweeps.map((sweep) => sweep.pointAt(inside(from, to)));
  const found = lines.flatMap((one, i) =>
    // λ·cost + 1 − top1 of both
    lines.slice(i + 1).map((other) => (one.top1 - other.top1) / (one.cost - other.cost)),
  );
  return ascending([from, ...found.filter((lambda) => lambda > from && lambda < to)]);
}

function ascending(lambdas: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(lambdas).sort();
  return Array.from(sorted.filter((lambda, i) => i === 0 || !isSame(lambda, sorted[i - 1])));
}
