import { clairvoyantRival, randomRival, staticHullRival } from "@quee/baselines";
import { interpolateOnEnvelope, pairedResamples } from "@quee/metrics";
import { expect, test } from "vitest";
import { chosenPoints, curvePoints, pathStatistics } from "./chosen-points.js";
import { comparePair } from "./comparison.js";
import { costs, madeUpInputs, madeUpTable, paths, rightByPath, staticRival } from "./made-up-tables.test.fixture.js";
import { meanCost, measureMethod } from "./measured-method.js";
import { mergeTables } from "./merge-tables.js";
import { packBits, unpackBits } from "./outcomes.js";

const inputs = madeUpInputs();
const measure = (rival: Parameters<typeof measureMethod>[0], more: Partial<Parameters<typeof measureMethod>[1]> = {}) =>
  measureMethod(rival, { inputs, prices: [inputs.costs], test: inputs.test, shifted: [], ...more });

test("test images are asked only about settings that validation images choose", async () => {
  // 6 is cheaper and worse than 8; 6-6 costs more than 8 and is worse.
  const method = await measure(staticRival("statics", [0, 1, 2, 3, 4]));
  expect(method.settings.map(({ setting, test: taken }) => [setting, taken !== null])).toEqual([
    ["8", true],
    ["8-8", true],
    ["8-6", true],
    ["6", true],
    ["6-6", false],
  ]);
  expect(chosenPoints(method, costs(), inputs.test).map(({ setting, cost, top1 }) => [setting, cost, top1])).toEqual([
    ["6", 0.4, 0.125],
    ["8", 0.5, 0.5],
    ["8-6", 0.9, 0.75],
    ["8-8", 1, 1],
  ]);
});

test("validation chooses even where test images would choose otherwise", async () => {
  const flattered = madeUpTable("test", 80, (i, p) => (p === 4 ? true : rightByPath(i, p)));
  const method = await measure(staticRival("statics", [0, 4]), { test: flattered });
  expect(chosenPoints(method, costs(), flattered).map(({ setting }) => setting)).toEqual(["8"]);
});

test("what one measurement saw is priced under every model that it was made for", async () => {
  const other = () => costs([0.5, 1, 0.9, 0.4, 0.45]);
  const method = await measure(staticRival("statics", [0, 4]), {
    prices: [inputs.costs, () => costs([0.9, 1, 0.9, 0.4, 0.3])],
  });
  expect(method.settings.every(({ test: taken }) => taken !== null)).toBe(true);
  expect(chosenPoints(method, costs(), inputs.test).map(({ setting }) => setting)).toEqual(["8"]);
  expect(chosenPoints(method, other(), inputs.test).map(({ setting, cost }) => [setting, cost])).toEqual([
    ["6-6", 0.45],
    ["8", 0.5],
  ]);
  expect(meanCost({ right: 1, count: 4, byPath: { "8": 1, "8-8": 3 } }, costs())).toBeCloseTo(0.875, 12);
});

test("a rule that asks for no costs is the same under all of them", async () => {
  expect((await measure(staticRival("statics", [0]))).asksCosts).toBe(false);
  expect((await measure(staticHullRival())).asksCosts).toBe(true);
});

test("corrupted images are told for chosen settings, under each condition", async () => {
  const worse = madeUpTable("test", 40, (i, p) => p === 1 && i % 4 === 0);
  const method = await measure(staticRival("statics", [1, 4]), { shifted: [worse, inputs.test] });
  expect(method.settings.map(({ shifted }) => shifted.map(({ right, count }) => right / count))).toEqual([
    [0.25, 1],
    [0, 0.25],
  ]);
});

test("points of results add up to all images", async () => {
  const method = await measure(staticRival("statics", [0]));
  const [point] = curvePoints(chosenPoints(method, costs(), inputs.test), costs(), inputs.test, 3);
  expect(point).toMatchObject({ top1: 0.5, cost: 0.5, costP95: 0.5, exitHistogram: [1, 0], pathShares: { "8": 1 } });
});

test("nothing stands above the clairvoyant oracle, and routing by lot not above the static hull", async () => {
  const hullOf = async (rival: Parameters<typeof measureMethod>[0]) =>
    chosenPoints(await measure(rival), costs(), inputs.test);
  const ceiling = await hullOf(clairvoyantRival({ paths: () => paths }));
  const statics = await hullOf(staticHullRival());
  const random = await hullOf(randomRival());
  expect(random.length).toBeGreaterThan(1);
  for (const { cost, top1 } of [...statics, ...random]) {
    expect(top1).toBeLessThanOrEqual((interpolateOnEnvelope(ceiling, cost) ?? 1) + 1e-9);
  }
  // 80 images: three standard errors of a difference are 0.2.
  for (const { cost, top1 } of random)
    expect(top1).toBeLessThanOrEqual((interpolateOnEnvelope(statics, cost) ?? 1) + 0.2);
});

test("two methods at the same cost differ by what mixtures of their points have right", async () => {
  const interval = pairedResamples({ count: 80, resamples: 200, seed: 1 });
  const curve = async (name: string, places: readonly number[]) => ({
    name,
    bySeed: [chosenPoints(await measure(staticRival(name, places)), costs(), inputs.test)],
  });
  const pair = comparePair(await curve("a", [0, 1]), await curve("b", [0, 2]), { costs: [0.3, 0.7, 1], interval });
  // At 0.7 a mixes 0.5 and 1 by 2/5, b mixes 0.5 and 0.75 by a half.
  expect(pair.at.map(({ cost, difference }) => [cost, Number(difference.toFixed(6))])).toEqual(
    [
      [0.7, 0.7 - 0.625],
      [1, 0.25],
    ].map(([cost, difference]) => [cost, Number(difference?.toFixed(6))]),
  );
  expect(pair.whole).toMatchObject({ from: 0.5, to: 0.9, significant: true });
  expect(pair.whole?.difference).toBeCloseTo(0.075, 6);
  expect(pair.dearHalf?.difference).toBeGreaterThan(pair.cheapHalf?.difference ?? 1);
});

test("each image counts for the cheapest path that has it right", () => {
  const { test: table } = inputs;
  const correct = (path: (typeof paths)[number]) => {
    const place = paths.indexOf(path);
    return Uint8Array.from({ length: 80 }, (_, i) => (rightByPath(i, place) ? 1 : 0));
  };
  expect(pathStatistics(paths.slice(0, 3), costs(), table, correct)).toEqual([
    { path: "8", cost: 0.5, top1: 0.5, cheapestRight: 0.5 },
    { path: "8-6", cost: 0.9, top1: 0.75, cheapestRight: 0.25 },
    { path: "8-8", cost: 1, top1: 1, cheapestRight: 0.25 },
  ]);
});

test("merged tables answer for the paths of both, the first one's first", () => {
  const [one, other] = [madeUpTable("test", 8, () => true), madeUpTable("test", 8, () => false)];
  const some = { ...one, paths: paths.slice(0, 2) };
  const merged = mergeTables(some, other);
  expect(merged.paths).toHaveLength(5);
  expect(merged.probabilities(paths[0] ?? [])).toEqual(one.probabilities(paths[0] ?? []));
  expect(merged.probabilities(paths[4] ?? [])).toEqual(other.probabilities(paths[4] ?? []));
});

test("bits come back as they went", () => {
  const ones = [1, 0, 0, 1, 1, 0, 1, 0, 1, 1];
  expect([...(unpackBits(packBits(ones), 10) ?? [])]).toEqual(ones);
  expect(unpackBits(packBits(ones), 17)).toBeNull();
});
