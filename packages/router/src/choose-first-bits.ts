import { type Bits, type CostTable, costOf, QueeError } from "@quee/core";
import { decide } from "./decide.js";
import type { Foresight } from "./foresee.js";
import { assertLambda } from "./gate-rule.js";
import type { LambdaSweep } from "./sweep-lambda.js";

/**
 * Equation 9 at the first gate. It sees nothing (equation 7), so all it can know of a path is how often it errs: the choice is
 * the first step of argmin λ·c(π) + error rate of π on validation data, one for all images. QuEE (arXiv 2406.14404), section 4.
 *
 * Like every gate it looks at whole paths and not at what later gates will make of them; `firstBitsByRouting` does.
 */
export function firstBitsByErrorRate(
  { paths, correct, count }: Foresight<"validation">,
  { costs, lambda }: { readonly costs: CostTable; readonly lambda: number },
): Bits {
  assertLambda(lambda);
  const byCost = paths.toSorted((a, b) => costOf(costs, a) - costOf(costs, b));
  const errorRate = new Map(paths.map((path, p) => [path, 1 - correct[p].reduce((sum, hit) => sum + hit, 0) / count]));
  const chosen = decide(
    Float32Array.from(byCost, (path) => errorRate.get(path) as number),
    Float64Array.from(byCost, (path) => costOf(costs, path)),
    lambda,
  );
  return byCost[chosen][0];
}

/**
 * The level of block 1 whose router does best on validation data: least λ·mean cost + errors, the cheaper of equals. Here the
 * later gates have their say.
 * @param sweeps one per level, each `sweepLambda` with that `firstBits`
 */
export function firstBitsByRouting(sweeps: ReadonlyMap<Bits, LambdaSweep<"validation">>, lambda: number): Bits {
  assertLambda(lambda);
  const rivals = [...sweeps]
    .map(([bits, sweep]) => ({ bits, ...sweep.pointAt(lambda) }))
    .sort((a, b) => a.cost - b.cost || b.top1 - a.top1);
  if (rivals.length === 0) {
    throw new QueeError({ code: "E_FIRST_BLOCK", kind: "config", where: "sweeps", expected: "levels", got: "none" });
  }
  const chosen = decide(
    Float32Array.from(rivals, ({ top1 }) => 1 - top1),
    Float64Array.from(rivals, ({ cost }) => cost),
    lambda,
  );
  return rivals[chosen].bits;
}
