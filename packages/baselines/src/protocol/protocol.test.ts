import { summarize } from "@quee/path-tables";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { thresholdRival } from "../exits/threshold-rival.js";
import { fitRival } from "../rival/fit-rival.js";
import { learnableInputs } from "../testing/inputs.js";
import { compareCurves } from "./compare-curves.js";
import { differenceAtCost, rightnessAtCost } from "./matched-cost.js";
import { testRival } from "./test-rival.js";

const point = (cost: number, ...correct: number[]) => ({
  cost,
  correct: Uint8Array.from(correct),
  top1: correct.reduce((sum, hit) => sum + hit, 0) / correct.length,
});

test("between two points a method mixes them, below the cheapest it has nothing, above the dearest that one", () => {
  const points = [point(0.4, 0, 1, 0), point(0.8, 1, 1, 0)];
  expectAllclose(rightnessAtCost(points, 0.5) ?? [], [0.25, 1, 0], { atol: 1e-12 });
  expect(rightnessAtCost(points, 0.3)).toBeNull();
  expect(rightnessAtCost(points, 0.4)).toEqual(Float64Array.of(0, 1, 0));
  expect(rightnessAtCost(points, 2)).toEqual(Float64Array.of(1, 1, 0));
  expect(rightnessAtCost([], 1)).toBeNull();
});

const images = 400;
/** Right about all images but every `every`-th. */
const but = (every: number, cost: number) =>
  point(cost, ...Array.from({ length: images }, (_, i) => (i % every ? 1 : 0)));

test("a difference at matched cost has an interval; equal methods have none worth the name", () => {
  const [good, bad] = [[[but(20, 0.5)]], [[but(4, 0.5)]]];
  const better = differenceAtCost(good, bad, 0.6, { seed: 1 });
  expect(better?.difference).toBeCloseTo(0.2, 9);
  expect(better?.significant).toBe(true);
  expect(better?.low).toBeGreaterThan(0.15);
  expect(differenceAtCost(bad, good, 0.6, { seed: 1 })?.high).toBeLessThan(-0.15);
  expect(differenceAtCost(good, good, 0.6, { seed: 1 })).toMatchObject({
    difference: 0,
    low: 0,
    high: 0,
    significant: false,
  });
  expect(differenceAtCost(good, bad, 0.4, { seed: 1 })).toBeNull();
});

test("seeds are averaged, and one that cannot go so cheap leaves no difference", () => {
  const seeds = [[but(4, 0.5)], [but(2, 0.5)]];
  expect(differenceAtCost([[but(20, 0.5)]], seeds, 0.5, { seed: 1 })?.difference).toBeCloseTo(
    0.95 - (0.75 + 0.5) / 2,
    9,
  );
  expect(differenceAtCost([[but(20, 0.5)]], [...seeds, [but(3, 0.9)]], 0.5, { seed: 1 })).toBeNull();
});

test("curves are compared over the costs that all of them reach", () => {
  const rising = [point(0.2, 0, 0), point(0.6, 0, 1), point(1, 1, 1)];
  const flat = [point(0.4, 0, 1), point(0.9, 0, 1)];
  const { range, methods } = compareCurves([[rising], [flat, flat]], 1);
  expect(range).toEqual({ from: 0.4, to: 0.9 });
  // From 0.4 to 0.9 it rises from 0.25 through 0.5 at 0.6 to 0.875.
  expect(methods[0].meanTop1).toBeCloseTo((0.2 * 0.375 + 0.3 * 0.6875) / 0.5, 9);
  expect(methods[1].meanTop1).toBeCloseTo(0.5, 9);
  expect(methods[0].costAtDrop[3]).toEqual({ dropPoints: 2, cost: expect.closeTo(0.6 + 0.4 * 0.96, 9) });
  expect(methods[1].costAtDrop.map(({ cost }) => cost)).toEqual([null, null, null, null]);
  expect(compareCurves([[rising], [[point(2, 1, 1)]]], 1)).toMatchObject({
    range: null,
    methods: [{ meanTop1: null }, {}],
  });
});

test("only points that validation images chose are tested, under the costs that the rival pays", async () => {
  const { inputs, test: table } = learnableInputs({ trainCount: 50, count: 300 });
  const fitted = await fitRival(thresholdRival("margin", { count: 40 }), inputs);
  const tested = testRival(fitted, table, inputs.costs);
  expect(tested.map(({ setting }) => setting).toSorted()).toEqual(
    fitted.points.flatMap(({ chosen, setting }) => (chosen ? [setting] : [])).toSorted(),
  );
  expect(tested.length).toBeLessThan(fitted.points.length);
  for (const { replay, cost, top1 } of tested) {
    expect(summarize(replay, table, inputs.costs(fitted.pays))).toMatchObject({
      cost: expect.closeTo(cost, 12),
      top1: expect.closeTo(top1, 12),
    });
  }
  expect(tested.map(({ cost }) => cost)).toEqual(tested.map(({ cost }) => cost).toSorted((a, b) => a - b));
});
