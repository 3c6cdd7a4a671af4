import { type Bits, QueeError } from "@quee/core";
import { firstBitsAt, operatingPointForAccuracy, operatingPointForBudget } from "@quee/router";
import type { AdaptiveModel, RoutingTable } from "./model.js";

/** What an answer may cost, in one of three ways. */
export type Wish =
  /** Mean cost of an image, as a fraction of running everything at the most bits: the most accurate λ within it. */
  | { readonly budget: number; readonly accuracyDrop?: never; readonly lambda?: never; readonly firstBits?: never }
  /** Fraction of right answers that may be lost against full precision: the cheapest λ within it. */
  | { readonly accuracyDrop: number; readonly budget?: never; readonly lambda?: never; readonly firstBits?: never }
  /**
   * What a whole unit of cost is worth in probability of error, 0 … Infinity, and the bits of block 1 where the first gate may choose:
   * by default those that it has for λ.
   */
  | { readonly lambda: number; readonly firstBits?: Bits; readonly budget?: never; readonly accuracyDrop?: never };

/** How a router is set. */
export interface RouterSetting {
  readonly lambda: number;
  /** Of block 1; absent where they are always the most. */
  readonly firstBits?: Bits;
}

/** The setting of a wish, by what validation images gave. @throws QueeError of kind usage where none grants it */
export function settingOf(
  wish: Wish,
  { curve, costs, firstGate }: RoutingTable,
  { floatTop1 }: Pick<AdaptiveModel, "floatTop1">,
): RouterSetting {
  const given = [wish.budget, wish.accuracyDrop, wish.lambda].filter((value) => value !== undefined);
  if (given.length !== 1 || !(Number(given[0]) >= 0)) {
    throw refused(
      "options",
      "one of budget, accuracyDrop and lambda, 0 or more",
      given.length === 1 ? String(given[0]) : `${given.length} of them`,
    );
  }
  const { lambda } = wish;
  if (lambda !== undefined) {
    const firstBits = wish.firstBits ?? (firstGate === undefined ? undefined : firstBitsAt(firstGate, lambda));
    return { lambda, ...(firstBits === undefined ? {} : { firstBits }) };
  }
  if (wish.budget !== undefined) {
    const point = operatingPointForBudget(curve, wish.budget);
    if (point !== null) return ofPoint(point);
    const least = curve.reduce((low, { cost }) => Math.min(low, cost), Number.POSITIVE_INFINITY);
    throw refused("budget", `at least ${least}, the cheapest by ${costs.name}`, String(wish.budget));
  }
  const point = operatingPointForAccuracy(curve, floatTop1 - wish.accuracyDrop);
  if (point !== null) return ofPoint(point);
  const most = curve.reduce((high, { top1 }) => Math.max(high, top1), 0);
  throw refused("accuracyDrop", `at least ${floatTop1 - most}, the best by ${costs.name}`, String(wish.accuracyDrop));
}

function ofPoint({ setting, firstBits }: RoutingTable["curve"][number]): RouterSetting {
  return { lambda: setting, ...(firstBits === undefined ? {} : { firstBits }) };
}

function refused(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_WISH", kind: "usage", where, expected, got });
}
