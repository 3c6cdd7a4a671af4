import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { linearScale, niceDomain, ticksWithin } from "./scales.js";

test("ticks are round numbers, free of errors of addition", () => {
  expect(ticksWithin(0.4, 1, 6)).toEqual([0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  expect(ticksWithin(0.883, 0.917, 5)).toEqual([0.89, 0.9, 0.91]);
});

test("a scale maps its domain to its range, also downwards", () => {
  const scale = linearScale([0.2, 1.2], [300, 100], 5);
  expect([scale(0.2), scale(0.7), scale(1.2)]).toEqual([300, 200, 100]);
});

test("one value gets a domain around it", () => {
  const [low, high] = niceDomain(0.9, 0.9, 5);
  expect(low).toBeLessThan(0.9);
  expect(high).toBeGreaterThan(0.9);
});

const pair = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 1e-6, max: 1, noNaN: true }));

property.prop([pair, fc.integer({ min: 2, max: 12 })])(
  "a nice domain holds what it is for, and its ends are ticks",
  ([low, span], count) => {
    const [from, to] = niceDomain(low, low + span, count);
    expect(from).toBeLessThanOrEqual(low + span * 1e-6);
    expect(to).toBeGreaterThanOrEqual(low + span - span * 1e-6);
    expect(to - from).toBeLessThan(span * 4);
    const ticks = ticksWithin(from, to, count);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(2.5 * count + 3);
  },
);
