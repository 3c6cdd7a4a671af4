import { test as propertyTest } from "@fast-check/vitest";
import { bits, type GateView, uniformPaths } from "@quee/core";
import { replay, summarize } from "@quee/path-tables";
import { argmaxRows, maxRows, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { confidences } from "../confidence.js";
import { fitRival } from "../rival/fit-rival.js";
import { fullPath } from "../rival/rival-paths.js";
import { learnableInputs, space } from "../testing/inputs.js";
import { budgetedRival, budgetedThresholds } from "./budgeted-rival.js";
import { calibratedRival } from "./calibrated-rival.js";
import { exitRulePolicy } from "./exit-rule-policy.js";
import { exitScores, outcomeOf } from "./exit-scores.js";
import { exitsOnly } from "./exits-only.js";
import { accuracyHistogram } from "./expected-accuracy.js";
import { patienceRival } from "./patience-rival.js";
import { thresholdEnvelope } from "./threshold-envelope.js";

const { inputs } = learnableInputs({ trainCount: 50, count: 300 });
const { validation } = inputs;
const costs = inputs.costs(exitsOnly(space));
const exits = uniformPaths(bits(8), 3);
const shape = [validation.count, validation.classCount];

propertyTest.prop([
  fc.tuple(fc.double({ min: 0.2, max: 1, noNaN: true }), fc.double({ min: 0.2, max: 1, noNaN: true })),
])("thresholds tried on scores give what a replay gives", (thresholds) => {
  const path = [8, 8, 6].map(bits);
  const scores = exitScores(validation, path, confidences.maxProbability, costs);
  const quick = outcomeOf(scores, (exit) => thresholds[exit]);
  const leaves = ({ prefix, history, count, classCount }: GateView) =>
    Uint8Array.from(maxRows(tensor([count, classCount], history[prefix.length - 1])), (sure) =>
      sure >= thresholds[prefix.length - 1] ? 1 : 0,
    );
  const slow = summarize(
    replay(exitRulePolicy({ name: "two", path, leaves }), validation, { space }),
    validation,
    costs,
  );
  expectAllclose([quick.top1, quick.cost], [slow.top1, slow.cost], { rtol: 1e-12 });
});

test("the envelope over all static networks is chosen from all of them", async () => {
  const { points } = await fitRival(thresholdEnvelope("static-paths"), inputs);
  // What was chosen by scores is chosen again by replays: the two agree.
  expect(points.every(({ chosen }) => chosen)).toBe(true);
  expect(points.length).toBeGreaterThan(10);
  const networks = new Set(points.map(({ setting }) => String(setting).split(" ")[0]));
  expect(networks.size).toBeGreaterThan(1);
});

test("a path that images did not come by is refused", () => {
  const policy = exitRulePolicy({ name: "rule", path: fullPath(space), leaves: ({ count }) => new Uint8Array(count) });
  const firstAction = { kind: "continue", bits: bits(6) } as const;
  expect(() => replay(policy, validation, { space, firstAction })).toThrow(/expected a prefix of 8-8-8, got 6/);
});

propertyTest.prop([
  fc.array(fc.tuple(fc.float({ min: 0, max: 1, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 60,
  }),
  fc.double({ min: 0.05, max: 1.95, noNaN: true }),
])("budgeted thresholds let the share ∝ qˡ go at each exit, where no two are equally sure", (rows, q) => {
  const distinct = (values: readonly number[]) => values.map((value, i) => value / 2 + i / (4 * values.length));
  const sureness = [0, 1].map((exit) => Float32Array.from(distinct(rows.map((row) => row[exit]))));
  fc.pre(sureness.every((values) => new Set(values).size === values.length));
  const thresholds = budgetedThresholds(sureness, q);
  const total = q + q ** 2 + q ** 3;
  const first = Array.from(rows.keys()).filter((i) => sureness[0][i] >= thresholds[0]);
  const stayed = Array.from(rows.keys()).filter((i) => sureness[0][i] < thresholds[0]);
  const second = stayed.filter((i) => sureness[1][i] >= thresholds[1]);
  expect(first.length).toBe(Math.round((rows.length * q) / total));
  expect(second.length).toBe(Math.min(stayed.length, Math.round((rows.length * q ** 2) / total)));
  // They are the surest.
  for (const i of first) for (const j of stayed) expect(sureness[0][i]).toBeGreaterThan(sureness[0][j]);
});

test("a larger q sends more images deep", async () => {
  const { points } = await fitRival(budgetedRival(), inputs);
  expect(points).toHaveLength(39);
  const byQ = points.toSorted((a, b) => Number(a.setting) - Number(b.setting));
  for (let k = 1; k < 39; k++) expect(byQ[k].cost).toBeGreaterThanOrEqual(byQ[k - 1].cost);
  expect(byQ[38].cost).toBeGreaterThan(1.5 * byQ[0].cost);
});

test("patience t waits for t + 1 exits that agree", async () => {
  const { points } = await fitRival(patienceRival(), inputs);
  expect(points.map(({ setting }) => setting)).toEqual([1, 2]);
  const classes = exits.map((path) => argmaxRows(tensor(shape, validation.probabilities(path))));
  const taken = points[0].replay(validation);
  for (let i = 0; i < validation.count; i++) {
    const expected = classes[0][i] === classes[1][i] ? 2 : 3;
    expect(validation.paths[taken.pathIndex[i]]).toHaveLength(expected);
  }
});

test("an accuracy histogram counts bins; bins without samples promise nothing", () => {
  const confidence = Float32Array.of(0.05, 0.06, 0.55, 0.95, 1);
  const correct = Uint8Array.of(0, 1, 1, 1, 0);
  const plain = accuracyHistogram({ confidence, correct, bins: 10, smoothing: 0 });
  expect([0, 0.09, 0.15, 0.5, 0.91, 1].map(plain)).toEqual([0.5, 0.5, 0, 1, 0.5, 0.5]);
  const smooth = accuracyHistogram({ confidence, correct, bins: 10, smoothing: 1 });
  const weight = (bins: number) => Math.exp(-(bins ** 2) / 2);
  const expected = (1 * weight(5) + 1 * weight(0) + 1 * weight(4)) / (2 * weight(5) + weight(0) + 2 * weight(4));
  expectAllclose([smooth(0.55)], [expected], { rtol: 1e-9 });
});

test.each([false, true])(
  "calibrated exits keep their promise on the images that it was counted on (smoothed: %s)",
  async (smoothed) => {
    const { points } = await fitRival(calibratedRival({ smoothed, bins: 20, count: 5 }), inputs);
    const strict = points.find(({ setting }) => setting === 0.75);
    const taken = (strict as (typeof points)[number]).replay(validation);
    const left = Array.from(taken.pathIndex.keys()).filter((i) => validation.paths[taken.pathIndex[i]].length === 1);
    expect(left.length).toBeGreaterThan(20);
    const right = left.reduce((sum, i) => sum + taken.correct[i], 0);
    // Smoothing borrows from neighbours, which may be better than a bin is.
    expect(right / left.length).toBeGreaterThanOrEqual(smoothed ? 0.7 : 0.75);
    expect(points.find(({ setting }) => setting === 0)?.cost).toBe(Math.min(...points.map(({ cost }) => cost)));
  },
);
