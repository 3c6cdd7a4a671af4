import { operatingPointForAccuracy, operatingPointForBudget } from "./operating-point.js";
import type { LambdaSweep } from "./sweep-lambda.js";
import type { SweepPoint } from "./sweep-points.js";

/** One sweep, or the points of several: where the first gate may choose, those behind every level of block 1 (`sweepsByFirstBits`). */
export type ValidationPoints = Pick<LambdaSweep<"validation">, "role" | "points">;

/** The λ that meets a wish on validation data: use `point.setting`, and `point.firstBits` where the points have several. */
export interface LambdaChoice {
  /** False where no λ does; then `point` is what comes nearest. */
  readonly reached: boolean;
  readonly point: SweepPoint;
}

/**
 * The λ of the most accurate point that costs at most `budget` on average. Where even the cheapest costs more, that one, with
 * `reached: false`. A budget above all costs gives the most accurate point, which need not be that of λ = 0.
 * @param budget mean cost of an image, as a fraction of running everything at the most bits
 */
export function lambdaForBudget(sweep: ValidationPoints, budget: number): LambdaChoice {
  const point = operatingPointForBudget(sweep.points, budget);
  if (point !== null) return { reached: true, point };
  const [least] = bounds(sweep, ({ cost }) => cost);
  return { reached: false, point: operatingPointForBudget(sweep.points, least) ?? sweep.points[0] };
}

/**
 * The λ of the cheapest point that is at least as accurate as `floor`. Where even the best is worse, that one (the cheapest of
 * equally good ones), with `reached: false`.
 * @param floor fraction of right answers
 */
export function lambdaForAccuracy(sweep: ValidationPoints, floor: number): LambdaChoice {
  const point = operatingPointForAccuracy(sweep.points, floor);
  if (point !== null) return { reached: true, point };
  const [, most] = bounds(sweep, ({ top1 }) => top1);
  return { reached: false, point: operatingPointForAccuracy(sweep.points, most) ?? sweep.points[0] };
}

/** A sweep may have more points than a call may have arguments. */
function bounds({ points }: ValidationPoints, quantity: (point: SweepPoint) => number): readonly [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const point of points) {
    least = Math.min(least, quantity(point));
    most = Math.max(most, quantity(point));
  }
  return [least, most];
}
