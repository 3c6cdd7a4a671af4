import { QueeError } from "@quee/core";
import { operatingPointForAccuracy, operatingPointForBudget } from "@quee/router";
import type { AdaptiveModel, RoutingTable } from "./model.js";

/** What an answer may cost, in one of three ways. */
export type Wish =
  /** Mean cost of an image, as a fraction of running everything at the most bits: the most accurate λ within it. */
  | { readonly budget: number; readonly accuracyDrop?: never; readonly lambda?: never }
  /** Fraction of right answers that may be lost against full precision: the cheapest λ within it. */
  | { readonly accuracyDrop: number; readonly budget?: never; readonly lambda?: never }
  /** What a whole unit of cost is worth in probability of error, 0 … Infinity. */
  | { readonly lambda: number; readonly budget?: never; readonly accuracyDrop?: never };

/** The λ of a wish, by what validation images gave. @throws QueeError of kind usage where no λ grants it */
export function lambdaOf(
  wish: Wish,
  { curve, costs }: RoutingTable,
  { floatTop1 }: Pick<AdaptiveModel, "floatTop1">,
): number {
  const given = [wish.budget, wish.accuracyDrop, wish.lambda].filter((value) => value !== undefined);
  if (given.length !== 1 || !(Number(given[0]) >= 0)) {
    throw refused(
      "options",
      "one of budget, accuracyDrop and lambda, 0 or more",
      given.length === 1 ? String(given[0]) : `${given.length} of them`,
    );
  }
  if (wish.lambda !== undefined) return wish.lambda;
  if (wish.budget !== undefined) {
    const point = operatingPointForBudget(curve, wish.budget);
    if (point !== null) return point.setting;
    const least = curve.reduce((low, { cost }) => Math.min(low, cost), Number.POSITIVE_INFINITY);
    throw refused("budget", `at least ${least}, the cheapest by ${costs.name}`, String(wish.budget));
  }
  const point = operatingPointForAccuracy(curve, floatTop1 - wish.accuracyDrop);
  if (point !== null) return point.setting;
  const most = curve.reduce((high, { top1 }) => Math.max(high, top1), 0);
  throw refused("accuracyDrop", `at least ${floatTop1 - most}, the best by ${costs.name}`, String(wish.accuracyDrop));
}

function refused(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_WISH", kind: "usage", where, expected, got });
}
