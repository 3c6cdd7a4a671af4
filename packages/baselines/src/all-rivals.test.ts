import { costOf } from "@quee/core";
import { interpolateOnEnvelope, upperEnvelope } from "@quee/metrics";
import { correctAlong, summarize } from "@quee/path-tables";
import { beforeAll, expect, test } from "vitest";
import { allRivals } from "./all-rivals.js";
import { clairvoyantRival } from "./bounds/oracle-rivals.js";
import { dqnetPaths } from "./dqnet-gate/dqnet-paths.js";
import { type FittedRival, fitRival } from "./rival/fit-rival.js";
import { staticPaths } from "./rival/rival-paths.js";
import { upperHull } from "./statics/upper-hull.js";
import { learnableInputs, space } from "./testing/inputs.js";

const { inputs, test: testTable } = learnableInputs();
const errorRate = (correct: Uint8Array) => 1 - correct.reduce((sum, hit) => sum + hit, 0) / correct.length;
const rivals = allRivals({
  // Cells as coarse as can be: the error rate of the path, whatever the sample.
  errorTargets: (path, table) => new Float32Array(table.count).fill(errorRate(correctAlong(table, path))),
  jeiDnn: { lambdas: [0.1, 0.3, 1], warmUpEpochs: 8, batchSize: 50 },
  dqnetGate: { alphas: [0, 0.05], maxEpochs: 8, batchSize: 50 },
});
const fitted = new Map<string, FittedRival>();
const of = (name: string) => fitted.get(name) as FittedRival;

beforeAll(async () => {
  for (const rival of rivals) fitted.set(rival.name, await fitRival(rival, inputs));
}, 60_000);

const onTest = ({ points, pays }: FittedRival) =>
  points
    .filter(({ chosen }) => chosen)
    .map((point) => ({ ...point, ...summarize(point.replay(testTable), testTable, inputs.costs(pays)) }));

test("names are those that results use, and none comes twice", () => {
  expect(rivals.map(({ name }) => name)).toEqual([...fitted.keys()]);
  expect([...fitted.keys()]).toEqual(
    expect.arrayContaining(["static-ptq", "threshold-max-probability", "jei-dnn", "dqnet-gate", "random"]),
  );
});

test("every rival has settings, one of them at least is chosen, and settings have names of their own", () => {
  for (const { name, points } of fitted.values()) {
    expect(points.length, name).toBeGreaterThan(0);
    expect(
      points.some(({ chosen }) => chosen),
      name,
    ).toBe(true);
    expect(new Set(points.map(({ setting }) => setting)).size, name).toBe(points.length);
    for (const point of points.filter(({ chosen }) => chosen)) {
      const better = points.filter(({ top1, cost }) => cost <= point.cost && top1 > point.top1);
      expect(better, `${name} ${point.setting}`).toEqual([]);
    }
  }
});

test("trained rivals are charged with their trainings, rules with none", () => {
  expect(of("jei-dnn").trainings).toBe(4); // the warm-up and one for each λ
  expect(of("dqnet-gate").trainings).toBe(3); // α = 0, and α = 0.05 with two targets
  expect(of("threshold-max-probability").trainings).toBe(0);
  expect(of("static-hull").trainings).toBe(0);
});

test("only ceilings have no policy, and every replay can be priced", () => {
  for (const { name, role, points, pays } of fitted.values()) {
    const costs = inputs.costs(pays);
    expect(
      points.every(({ policy }) => (policy === null) === (role === "ceiling")),
      name,
    ).toBe(true);
    for (const { replay } of points.filter(({ chosen }) => chosen)) {
      expect(() => summarize(replay(testTable), testTable, costs), name).not.toThrow();
    }
  }
});

test("on test images nothing lies above the clairvoyant oracle of its paths", async () => {
  const paths = [...staticPaths(space), ...dqnetPaths(space)];
  const oracle = await fitRival(clairvoyantRival({ paths: () => paths }), inputs);
  // Its hull bounds every mixture; λ skips corners, so the bound has gaps of a sample or two.
  const bound = upperHull(onTest(oracle));
  for (const rival of fitted.values()) {
    // Rivals with own answers are not bounded by those of the table.
    if (rival.name.startsWith("jei-dnn") || rival.name === "ensemble") continue;
    for (const { setting, top1, cost } of onTest(rival)) {
      const ceiling = interpolateOnEnvelope(bound, cost);
      if (ceiling !== null) expect(top1, `${rival.name} ${setting}`).toBeLessThanOrEqual(ceiling + 0.005);
    }
  }
});

test("routing by lot is not above the static hull, beyond noise", () => {
  const hull = upperHull(onTest(of("static-hull")));
  for (const { setting, top1, cost } of onTest(of("random"))) {
    const static_ = interpolateOnEnvelope(hull, cost);
    // 600 samples: three standard errors of a difference are 0.08.
    if (static_ !== null) expect(top1, String(setting)).toBeLessThanOrEqual(static_ + 0.08);
  }
});

test("corners of the static hull cost and answer as their path does, and mixtures lie between their corners", () => {
  const { points, pays } = of("static-hull");
  const costs = inputs.costs(pays);
  const corners = points.filter(({ setting }) => !String(setting).includes(" or "));
  for (const { setting, replay } of corners) {
    const path = staticPaths(space).find((one) => one.join("-") === setting) ?? [];
    const { top1, cost } = summarize(replay(testTable), testTable, costs);
    expect(cost).toBeCloseTo(costOf(costs, path), 12);
    expect(1 - top1).toBeCloseTo(errorRate(correctAlong(testTable, path)), 12);
  }
  const costsOfCorners = corners.map(({ cost }) => cost);
  for (const { cost } of points) {
    expect(cost).toBeGreaterThanOrEqual(Math.min(...costsOfCorners));
    expect(cost).toBeLessThanOrEqual(Math.max(...costsOfCorners));
  }
});

test("thresholds on many networks are no worse on validation images than on any one of them", () => {
  const curve = (name: string) => upperEnvelope(of(name).points);
  const [uniform, all] = [curve("threshold-on-uniform"), curve("threshold-on-static-paths")];
  for (const { cost, top1 } of curve("threshold-max-probability")) {
    expect(bestUpTo(uniform, cost)).toBeGreaterThanOrEqual(top1);
  }
  for (const { cost, top1 } of uniform) expect(bestUpTo(all, cost)).toBeGreaterThanOrEqual(top1);
});

function bestUpTo(points: readonly { readonly cost: number; readonly top1: number }[], cost: number): number {
  return Math.max(...points.filter((point) => point.cost <= cost + 1e-12).map(({ top1 }) => top1));
}

test("early exit beats every static network of the same cost on a problem made for it", () => {
  const hull = upperHull(onTest(of("static-hull")));
  for (const name of ["threshold-max-probability", "jei-dnn", "calibrated-smoothed"]) {
    const gains = onTest(of(name)).map(({ top1, cost }) => top1 - (interpolateOnEnvelope(hull, cost) ?? top1));
    expect(Math.max(...gains), name).toBeGreaterThan(0.05);
  }
});

test("the same seed gives the same numbers, another one other lots and weights", async () => {
  const some = rivals.filter(({ name }) => ["dqnet-gate", "deferral", "random"].includes(name));
  for (const rival of some) {
    const numbers = async (seed: number) =>
      (await fitRival(rival, { ...inputs, seed })).points.map(({ setting, cost, top1 }) => [setting, cost, top1]);
    const first = await numbers(inputs.seed);
    expect(await numbers(inputs.seed), rival.name).toEqual(first);
    expect(await numbers(inputs.seed + 1), rival.name).not.toEqual(first);
  }
}, 60_000);

test("an abort ends a fit with its reason, between trainings and within", async () => {
  for (const name of ["jei-dnn", "dqnet-gate", "ensemble", "threshold-margin"]) {
    const rival = rivals.find((one) => one.name === name) as (typeof rivals)[number];
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("enough")), 5);
    await expect(fitRival(rival, { ...inputs, signal: controller.signal }), name).rejects.toThrow("enough");
  }
});

test("a network with one exit at one bit-width leaves nothing to choose, and nothing fails", async () => {
  const single = learnableInputs({
    trainCount: 40,
    count: 30,
    on: { ...space, exitCount: 1, levels: space.levels.slice(1) },
  });
  for (const rival of rivals) {
    const { points, trainings, name } = await fitRival(rival, single.inputs);
    expect(trainings, name).toBe(0);
    for (const { replay } of points) expect(new Set(replay(single.test).pathIndex).size, name).toBe(1);
  }
});
