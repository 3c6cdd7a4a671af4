import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "./decide.js";

/** Quarters, so that sums are exact and ties are common. */
const quarters = fc.integer({ min: 0, max: 4 }).map((n) => n / 4);
const actions = fc.array(fc.record({ cost: quarters, error: quarters }), { minLength: 1, maxLength: 12 });
const byCost = actions.map((list) => list.toSorted((a, b) => a.cost - b.cost));

propertyTest.prop([byCost, fc.constantFrom(0, 0.25, 0.5, 1, 2)])(
  "the decision is the cheapest of all actions of least loss",
  (list, lambda) => {
    const losses = list.map(({ cost, error }) => lambda * cost + error);
    const least = Math.min(...losses);
    const chosen = decide(
      Float32Array.from(list, ({ error }) => error),
      Float64Array.from(list, ({ cost }) => cost),
      lambda,
    );
    expect(losses[chosen]).toBe(least);
    const rivals = list.filter((_, a) => losses[a] === least);
    expect(list[chosen].cost).toBe(Math.min(...rivals.map(({ cost }) => cost)));
    expect(chosen).toBe(losses.indexOf(least));
  },
);

propertyTest.prop([byCost, fc.double({ min: 0, max: 5, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true })])(
  "a larger λ never chooses a dearer action",
  (list, one, other) => {
    const errors = Float32Array.from(list, ({ error }) => error);
    const costs = Float64Array.from(list, ({ cost }) => cost);
    const dear = costs[decide(errors, costs, Math.min(one, other))];
    expect(costs[decide(errors, costs, Math.max(one, other))]).toBeLessThanOrEqual(dear);
  },
);

propertyTest.prop([byCost])("λ = Infinity is what a very large λ chooses", (list) => {
  const errors = Float32Array.from(list, ({ error }) => error);
  const costs = Float64Array.from(list, ({ cost }) => cost);
  expect(decide(errors, costs, Number.POSITIVE_INFINITY)).toBe(decide(errors, costs, 1e6));
});

test("an infinite λ and a cost of 0 make no NaN", () => {
  expect(decide(Float32Array.of(1, 0), Float32Array.of(0, 1), Number.POSITIVE_INFINITY)).toBe(0);
});

test("λ = 0 takes the least predicted error, and the cheaper of two", () => {
  expect(decide(Float32Array.of(0.5, 0.25, 0.25), Float64Array.of(0.1, 0.2, 0.3), 0)).toBe(1);
});

test.each([0, 1, Number.POSITIVE_INFINITY])("NaN among the predicted errors is refused at λ = %d", (lambda) => {
  const errors = Float32Array.of(0, Number.NaN);
  expect(() => decide(errors, Float32Array.of(0, 1), lambda)).toThrow(expect.objectContaining({ kind: "numeric" }));
});

test("as many costs as predicted errors, and at least one", () => {
  expect(() => decide(Float32Array.of(1), Float32Array.of(0, 1), 1)).toThrow(/got 1 and 2/);
  expect(() => decide(new Float32Array(0), new Float32Array(0), 1)).toThrow(/at least one/);
});
