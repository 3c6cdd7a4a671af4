import { test as propertyTest } from "@fast-check/vitest";
import { bits, type Path, pathKey } from "@quee/core";
import { replay, summarize } from "@quee/path-tables";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fitRival } from "../rival/fit-rival.js";
import { learnableInputs, space } from "../testing/inputs.js";
import { mixturePolicy } from "./mixture-policy.js";
import { oneHead, staticPtqRival } from "./static-ptq-rival.js";
import { upperHull } from "./upper-hull.js";

const { inputs } = learnableInputs({ trainCount: 50, count: 1000 });
const { validation } = inputs;
const path = (...levels: number[]): Path => levels.map(bits);

test("a static bit-width costs its share of the most bits, and less accuracy than they have", async () => {
  const { points, pays } = await fitRival(staticPtqRival(), inputs);
  expect(points.map(({ setting }) => setting)).toEqual([6, 8]);
  expect(pays).toEqual(oneHead(space));
  expect(points[0].cost / points[1].cost).toBeCloseTo(6 / 8, 12);
  expect(points[0].top1).toBeLessThan(points[1].top1);
});

const point = fc.record({ cost: fc.integer({ min: 0, max: 20 }), top1: fc.integer({ min: 0, max: 20 }) });
propertyTest.prop([fc.array(point, { minLength: 1, maxLength: 25 })])(
  "the hull rises, bends down only, and no point lies above it",
  (points) => {
    const hull = upperHull(points);
    const slopes = hull.slice(1).map((to, i) => (to.top1 - hull[i].top1) / (to.cost - hull[i].cost));
    for (const slope of slopes) expect(slope).toBeGreaterThan(0);
    for (let i = 1; i < slopes.length; i++) expect(slopes[i]).toBeLessThan(slopes[i - 1]);
    for (const { cost, top1 } of points) {
      expect(cost).toBeGreaterThanOrEqual(hull[0].cost);
      const right = hull.findIndex((corner) => corner.cost >= cost);
      const [a, b] = right <= 0 ? [hull.at(right), hull.at(right)] : [hull[right - 1], hull[right]];
      if (a === undefined || b === undefined) continue;
      const at = a === b ? a.top1 : a.top1 + ((b.top1 - a.top1) * (cost - a.cost)) / (b.cost - a.cost);
      expect(top1).toBeLessThanOrEqual(at + 1e-9);
    }
  },
);

test.each([
  ["before block 1", path(6, 6), path(8, 8, 8)],
  ["behind block 1", path(8, 6, 6), path(8, 8)],
  ["where one ends", path(8), path(8, 6, 6)],
])("a mixture sends its share along the second path, and the rest along the first: parting %s", (_, first, second) => {
  const policy = mixturePolicy({ first, second, share: 0.3, seed: 5 });
  const taken = replay(policy, validation, { space });
  const keys = Array.from(taken.pathIndex, (p) => pathKey(validation.paths[p]));
  expect(new Set(keys)).toEqual(new Set([pathKey(first), pathKey(second)]));
  const share = keys.filter((key) => key === pathKey(second)).length / keys.length;
  // 1000 draws: four standard deviations are 0.058.
  expect(Math.abs(share - 0.3)).toBeLessThan(0.058);
  const other = replay(mixturePolicy({ first, second, share: 0.3, seed: 6 }), validation, { space });
  expect(other.pathIndex).not.toEqual(taken.pathIndex);
});

test("a mixture costs and is right as its shares say", () => {
  const [first, second] = [path(8), path(8, 8, 8)];
  const costs = inputs.costs(oneHead(space));
  const of = (share: number) =>
    summarize(replay(mixturePolicy({ first, second, share, seed: 1 }), validation, { space }), validation, costs);
  const [none, half, all] = [of(0), of(0.5), of(1)];
  expect(none.exitHistogram).toEqual([1000, 0, 0]);
  expect(all.exitHistogram).toEqual([0, 0, 1000]);
  expect(Math.abs(half.cost - (none.cost + all.cost) / 2)).toBeLessThan(0.05);
  expect(Math.abs(half.top1 - (none.top1 + all.top1) / 2)).toBeLessThan(0.05);
});

test("shares beyond one, empty paths and strange prefixes are refused", () => {
  expect(() => mixturePolicy({ first: path(8), second: path(6), share: 1.2, seed: 1 })).toThrow(/share from 0 to 1/);
  expect(() => mixturePolicy({ first: [], second: path(6), share: 0.2, seed: 1 })).toThrow(/two paths/);
  const firstAction = { kind: "continue", bits: bits(6) } as const;
  const policy = mixturePolicy({ first: path(8), second: path(8, 6), share: 0.2, seed: 1 });
  expect(() => replay(policy, validation, { space, firstAction })).toThrow(
    /expected a prefix of one of its paths, got 6/,
  );
});
