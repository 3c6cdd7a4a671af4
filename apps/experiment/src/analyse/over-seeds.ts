import type { CostRange } from "@quee/metrics";
import { mean, meanWithInterval95 } from "@quee/metrics";
import type { NamedPoint } from "@quee/report";
import { curveOn, meanAccuracy, type Outcome } from "./outcome.js";

/** A mean and half of its 95 % interval; null of one value. */
export interface Spread {
  readonly mean: number;
  readonly halfWidth: number | null;
}

export function spreadOf(values: readonly number[]): Spread {
  const interval = meanWithInterval95(values);
  return interval ?? { mean: mean(values) ?? Number.NaN, halfWidth: null };
}

/** Mean accuracy over the range of costs, one value per seed, of routers that may leave at once: there the range begins. */
export function areas(outcomes: readonly Outcome[], range: CostRange, split: "choose" | "test" = "test"): number[] {
  const all = areasWithin(outcomes, range, split);
  if (all === null) throw new RangeError("a curve begins behind the range of costs");
  return all;
}

/** The same; null where a curve begins later. */
export function areasWithin(
  outcomes: readonly Outcome[],
  range: CostRange,
  split: "choose" | "test" = "test",
): number[] | null {
  const all = outcomes.map((outcome) => meanAccuracy(split, outcome, range));
  const known = all.filter((area) => area !== null);
  return known.length < all.length ? null : known;
}

/** The test curves of several seeds as one, with their interval. */
export function meanCurve(outcomes: readonly Outcome[], range: CostRange, count?: number): NamedPoint[] {
  return meanOfCurves(
    outcomes.map((outcome) => curveOn("test", outcome)),
    range,
    count,
  );
}

type Curve = readonly { readonly cost: number; readonly top1: number }[];

/** Several curves by rising cost as one, with their interval, at evenly spaced costs. */
export function meanOfCurves(curves: readonly Curve[], { from, to }: CostRange, count = 27): NamedPoint[] {
  const begins = Math.max(from, ...curves.map((curve) => curve[0]?.cost ?? from));
  return Array.from({ length: count }, (_, i) => {
    const cost = begins + ((to - begins) * i) / (count - 1);
    const { mean: top1, halfWidth } = spreadOf(curves.map((curve) => heightAt(curve, cost)));
    return { cost, top1, ...(halfWidth === null ? {} : { interval: [top1 - halfWidth, top1 + halfWidth] as const }) };
  });
}

/** Linear between neighbours, from the first on; beyond the last one its accuracy, since nobody must spend all. */
function heightAt(curve: Curve, cost: number): number {
  const right = curve.findIndex((point) => point.cost > cost);
  const b = curve[right];
  const a = curve[right - 1];
  if (b === undefined) return curve.at(-1)?.top1 ?? Number.NaN;
  if (a === undefined) return b.top1;
  return a.top1 + ((b.top1 - a.top1) * (cost - a.cost)) / (b.cost - a.cost);
}

/** `0.31 ± 0.12` of points of accuracy. */
export function pointsText({ mean: value, halfWidth }: Spread): string {
  const points = (fraction: number) => (100 * fraction).toFixed(2);
  return halfWidth === null ? points(value) : `${points(value)} ± ${points(halfWidth)}`;
}
