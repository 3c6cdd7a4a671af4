import { test as propertyTest } from "@fast-check/vitest";
import { bits, type CostTable, legalPaths, type PathSpace, pathKey, startsWith } from "@quee/core";
import { type Replay, replay, summarize } from "@quee/path-tables";
import { maxRows, tensor } from "@quee/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { clairvoyantOracle } from "./oracle.js";
import { randomPolicy } from "./random-policy.js";
import { staticPolicy } from "./static-policy.js";
import { randomTable } from "./testing/random-table.js";
import { evenThresholds, thresholdGrid } from "./threshold-grid.js";
import { confidenceThreshold, maxProbabilityThreshold } from "./threshold-policy.js";

const space: PathSpace = { levels: [bits(8), bits(6)], exitCount: 3, order: "monotone", firstBlock: "highest" };
const paths = legalPaths(space);
const costs: CostTable = {
  name: "bits",
  unit: "BitOPs",
  unitCost: 24,
  byPath: new Map(paths.map((path) => [pathKey(path), path.reduce((sum, b) => sum + b, 0) / 24])),
};
const table = randomTable("validation", { space, count: 300, classCount: 4, seed: 3 });
const keysOf = ({ pathIndex }: Replay) => Array.from(pathIndex, (p) => pathKey(table.paths[p]));

test.each(paths.map((path) => [pathKey(path), path] as const))(
  "the static policy %s sends every image there",
  (key, path) => {
    expect(new Set(keysOf(replay(staticPolicy(path), table, { space })))).toEqual(new Set([key]));
  },
);

test("a static policy refuses a prefix that is not its own, and an empty path", () => {
  const firstAction = { kind: "continue", bits: bits(8) } as const;
  expect(() => replay(staticPolicy([bits(6)]), table, { space, firstAction })).toThrow(
    /expected a prefix of its path, got 8/,
  );
  expect(() => staticPolicy([])).toThrow(/at least one block/);
});

propertyTest.prop([fc.double({ min: 0, max: 1.1, noNaN: true })])(
  "the threshold sends an image to the first exit that is sure enough, at the given bits",
  (threshold) => {
    const uniform = [1, 2, 3].map((length) => Array.from({ length }, () => bits(8)));
    const sure = uniform.map((path) => maxRows(tensor([table.count, 4], table.probabilities(path))));
    const keys = keysOf(replay(maxProbabilityThreshold({ threshold, level: bits(8) }), table, { space }));
    for (const [i, key] of keys.entries()) {
      const first = sure.findIndex((values, e) => e === 2 || values[i] >= threshold);
      expect(key).toBe(pathKey(uniform[first]));
    }
  },
);

test("an image that is exactly as sure as the threshold exits", () => {
  const [exact, below] = [Float32Array.of(0.75, 0.25), Float32Array.of(0.625, 0.375)];
  const view = { prefix: [bits(8)], count: 2, classCount: 2, history: [Float32Array.of(...exact, ...below)] };
  const actions = maxProbabilityThreshold({ threshold: 0.75, level: bits(8) }).decide(view);
  expect(actions.map(({ kind }) => kind)).toEqual(["exit", "continue"]);
});

test.each(["maxProbability", "entropy", "margin", "sharpenedEntropy"] as const)(
  "the thresholds of the grid lead %s from all first exits to none, a few images at a time",
  (measure) => {
    const grid = thresholdGrid({ validation: table, measure, level: bits(8), exitCount: 3 });
    expect(grid.length).toBeGreaterThanOrEqual(200);
    expect(grid).toEqual(grid.toSorted((a, b) => a - b));
    const leaving = grid.map(
      (threshold) =>
        summarize(replay(confidenceThreshold({ measure, threshold, level: bits(8) }), table, { space }), table, costs)
          .exitHistogram[0],
    );
    expect(leaving[0]).toBe(300);
    expect(leaving.at(-1)).toBe(0);
    for (const [i, count] of leaving.slice(1).entries()) expect(leaving[i] - count).toBeLessThanOrEqual(15);
  },
);

test("even thresholds begin at 0, and the last lets nobody out, not even the certain", () => {
  const grid = evenThresholds(5);
  expect(grid.slice(0, 4)).toEqual([0, 1 / 3, 2 / 3, 1]);
  expect(grid[4]).toBeGreaterThan(1);
  expect(evenThresholds().length).toBe(201);
  expect(() => evenThresholds(2)).toThrow(/above 2, got 2/);
});

test("with one exit there is nothing to choose", () => {
  const grid = thresholdGrid({ validation: table, measure: "margin", level: bits(8), exitCount: 1 });
  expect(grid.length).toBe(2);
});

propertyTest.prop([fc.integer()])("the lot of an image does not depend on its neighbours", (seed) => {
  const policy = randomPolicy({ seed, space, exitProbability: 0.5 });
  const history = [table.probabilities([bits(8)])];
  const together = policy.decide({ prefix: [bits(8)], count: table.count, classCount: 4, history });
  for (const i of [0, 17, 299]) {
    const own = [history[0].slice(4 * i, 4 * i + 4)];
    expect(policy.decide({ prefix: [bits(8)], count: 1, classCount: 4, history: own })).toEqual([together[i]]);
  }
});

test("the lot exits about as often as asked, stays legal, and depends on the seed", () => {
  const lot = (seed: number, exitProbability: number) =>
    replay(randomPolicy({ seed, space, exitProbability }), table, { space });
  const { exitHistogram, pathHistogram } = summarize(lot(1, 0.25), table, costs);
  // 300 draws: four standard deviations are 0.1.
  expect(Math.abs(exitHistogram[0] / 300 - 0.25)).toBeLessThan(0.1);
  expect(pathHistogram.every((count) => count > 0)).toBe(true);
  expect(lot(1, 0.5).pathIndex).toEqual(lot(1, 0.5).pathIndex);
  expect(lot(1, 0.5).pathIndex).not.toEqual(lot(2, 0.5).pathIndex);
  expect(summarize(lot(1, 0), table, costs).exitHistogram).toEqual([0, 0, 300]);
  expect(summarize(lot(1, 1), table, costs).exitHistogram).toEqual([300, 0, 0]);
  expect(() => lot(1, 1.5)).toThrow(/0 … 1, got 1.5/);
});

propertyTest.prop([fc.double({ min: 0, max: 3, noNaN: true })])("no policy beats the clairvoyant oracle", (lambda) => {
  const lossOf = (result: Replay) => {
    const { top1, cost } = summarize(result, table, costs);
    return lambda * cost + 1 - top1;
  };
  const bound = lossOf(clairvoyantOracle(table, { paths, costs, lambda }));
  const rivals = [
    ...paths.map((path) => staticPolicy(path)),
    ...[0.3, 0.5, 0.7].map((threshold) => maxProbabilityThreshold({ threshold, level: bits(8) })),
    randomPolicy({ seed: 5, space, exitProbability: 0.4 }),
  ];
  for (const rival of rivals) expect(lossOf(replay(rival, table, { space }))).toBeGreaterThanOrEqual(bound - 1e-12);
});

test("at λ = 0 the oracle takes the cheapest path that is right, and the cheapest of all where none is", () => {
  const oracle = clairvoyantOracle(table, { paths, costs, lambda: 0 });
  const right = (p: number) => clairvoyantOracle(table, { paths: [paths[p]], costs, lambda: 0 }).correct;
  const byPath = paths.map((_, p) => right(p));
  for (let i = 0; i < table.count; i++) {
    const good = paths.filter((_, p) => byPath[p][i] === 1).map((path) => costs.byPath.get(pathKey(path)) as number);
    const expected = good.length === 0 ? 8 / 24 : Math.min(...good);
    expect(costs.byPath.get(pathKey(table.paths[oracle.pathIndex[i]]))).toBe(expected);
    expect(oracle.correct[i]).toBe(good.length === 0 ? 0 : 1);
  }
});

test("the oracle keeps to the paths it is given", () => {
  const short = paths.filter((path) => startsWith([bits(8), bits(6)], path));
  const oracle = clairvoyantOracle(table, { paths: short, costs, lambda: 0.1 });
  for (const key of keysOf(oracle)) expect(["8", "8-6"]).toContain(key);
  expect(() => clairvoyantOracle(table, { paths: [], costs, lambda: 0.1 })).toThrow(/0 paths/);
});
