import { test } from "@fast-check/vitest";
import { bits, type Path, pathKey, type SplitRole } from "@quee/core";
import { softmaxRows } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { calibrated } from "./calibrated.js";
import { compareErrorEstimators } from "./compare-error-estimators.js";
import { clusterEstimator, type ErrorEstimator } from "./error-estimator.js";
import { fitErrorTargets } from "./fit-error-targets.js";
import { mixWithOutcomes, outcomeTargets } from "./outcome-targets.js";
import { type ProbabilityTable, validationHalves } from "./probability-table.js";
import { probabilityTable } from "./samples.test.fixture.js";
import { scoreErrorEstimator } from "./score-error-targets.js";
import { uncertaintyEstimator, uncertaintyOf } from "./uncertainty.js";

const table = probabilityTable({ count: 2000, classCount: 5, seed: 21 });
const [path] = table.paths;

/** Two samples of two classes on one path. */
function small<Role extends SplitRole>(role: Role, rows: readonly number[], labels: readonly number[]) {
  const data = Float32Array.from(rows);
  const paths: readonly Path[] = [[bits(8)]];
  const shape = { count: labels.length, classCount: data.length / labels.length };
  return { role, ...shape, labels: Int32Array.from(labels), paths, probabilities: () => data };
}

describe("what p̂ says of its own error", () => {
  test("α is 1 − Σ p̂², β is 1 − max p̂", () => {
    const rows = { shape: [3, 3], data: Float32Array.of(0.5, 0.3, 0.2, 1, 0, 0, 1 / 3, 1 / 3, 1 / 3) };
    expectAllclose(uncertaintyOf("doctor-alpha", rows), [1 - 0.38, 0, 2 / 3], { atol: 1e-6 });
    expectAllclose(uncertaintyOf("doctor-beta", rows), [0.5, 0, 2 / 3], { atol: 1e-6 });
  });

  test("their odds are DOCTOR's scores", () => {
    const rows = { shape: [1, 3], data: Float32Array.of(0.7, 0.2, 0.1) };
    const squares = 0.49 + 0.04 + 0.01;
    const [alpha] = uncertaintyOf("doctor-alpha", rows);
    const [beta] = uncertaintyOf("doctor-beta", rows);
    expect(alpha / (1 - alpha)).toBeCloseTo((1 - squares) / squares, 5);
    expect(beta / (1 - beta)).toBeCloseTo(0.3 / 0.7, 5);
  });

  test("a temperature divides the logits", () => {
    const logits = Float32Array.of(2, -1, 0.5, 0, 0.2, -3);
    const at = (temperature: number) => softmaxRows({ shape: [2, 3], data: logits.map((z) => z / temperature) });
    for (const temperature of [0.5, 1, 3]) {
      const expected = uncertaintyOf("doctor-alpha", at(temperature));
      expectAllclose(uncertaintyOf("doctor-alpha", at(1), { temperature }), expected, { atol: 1e-6 });
    }
    expect(() => uncertaintyOf("doctor-beta", at(1), { temperature: 0 })).toThrow("temperature: expected");
  });

  test.prop([fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 4, maxLength: 4 })])(
    "β is never above α, and both are probabilities",
    (logits) => {
      const rows = softmaxRows({ shape: [1, 4], data: Float32Array.from(logits) });
      const [alpha] = uncertaintyOf("doctor-alpha", rows);
      const [beta] = uncertaintyOf("doctor-beta", rows);
      expect(beta >= 0 && alpha <= 1 && beta <= alpha + 1e-6).toBe(true);
    },
  );
});

describe("calibrated", () => {
  const { fitted, held } = validationHalves(table, { seed: 4 });

  /** Half of what it should be. */
  const timid: ErrorEstimator = {
    name: "timid",
    estimate: (at, rows) =>
      uncertaintyEstimator("doctor-beta")
        .estimate(at, rows)
        .map((value) => value / 2),
  };

  test.each(["platt", "isotonic"] as const)(
    "%s lowers the calibration error on other samples and keeps the order",
    (method) => {
      const before = scoreErrorEstimator(timid, held);
      const after = scoreErrorEstimator(calibrated(timid, { table: fitted, method }), held);
      expect(after.ece).toBeLessThan(before.ece / 2);
      expect(after.brier).toBeLessThan(before.brier);
      // Pooled samples tie, which costs a little order.
      expect(after.auroc).toBeCloseTo(before.auroc ?? 0, method === "platt" ? 10 : 1.5);
      expect(after.estimator).toBe(`timid, ${method}`);
    },
  );

  test("every path has its own map, and a path without one is refused by name", () => {
    const estimator = calibrated(timid, { table: { ...fitted, paths: [path] }, method: "platt" });
    expect(estimator.estimate(path, held)).toHaveLength(held.count);
    expect(() => estimator.estimate(table.paths[1], held)).toThrow(`a map for path ${pathKey(table.paths[1])}`);
  });

  test("a path that is always right gets small estimates, not numbers that are none", () => {
    const right = small("validation", [0.9, 0.1, 0.6, 0.4, 1, 0], [0, 0, 0]);
    for (const method of ["platt", "isotonic"] as const) {
      const estimates = calibrated(uncertaintyEstimator("doctor-alpha"), { table: right, method }).estimate(
        [bits(8)],
        right,
      );
      for (const value of estimates) expect(value >= 0 && value < 0.5).toBe(true);
    }
  });

  test("nothing cannot calibrate", () => {
    const none = small("validation", [], []);
    expect(() => calibrated(timid, { table: { ...none, classCount: 2 }, method: "platt" })).toThrow(
      "at least one path",
    );
  });
});

describe("targets from outcomes", () => {
  const two = small("train", [0.9, 0.1, 0.2, 0.8, 0.7, 0.3], [0, 0, 1]);

  test("are 1 where the answer is wrong", () => {
    expect([...outcomeTargets.estimate([bits(8)], two)]).toEqual([0, 1, 1]);
  });

  test("mix with an estimate in the share asked for", () => {
    const constant: ErrorEstimator = {
      name: "constant",
      estimate: (_, rows) => new Float32Array(rows.count).fill(0.5),
    };
    expectAllclose(mixWithOutcomes(constant, 0.25).estimate([bits(8)], two), [0.375, 0.625, 0.625]);
    expectAllclose(mixWithOutcomes(constant, 0).estimate([bits(8)], two), [0.5, 0.5, 0.5]);
    expectAllclose(mixWithOutcomes(constant, 1).estimate([bits(8)], two), [0, 1, 1]);
    expect(() => mixWithOutcomes(constant, 1.1)).toThrow("from 0 to 1");
  });
});

describe("scoreErrorEstimator", () => {
  test("scores every path, and their means", () => {
    const score = scoreErrorEstimator(uncertaintyEstimator("doctor-alpha"), table);
    expect(score.byPath.map((one) => one.path)).toEqual(table.paths.map(pathKey));
    expect(score.auroc).toBeCloseTo(((score.byPath[0].auroc ?? 0) + (score.byPath[1].auroc ?? 0)) / 2, 12);
    expect(score.brier).toBeCloseTo((score.byPath[0].brier + score.byPath[1].brier) / 2, 12);
    expect(score.auroc).toBeGreaterThan(0.6);
  });

  test("knows the perfect estimate", () => {
    expect(scoreErrorEstimator(outcomeTargets, table)).toMatchObject({ ece: 0, brier: 0, auroc: 1 });
  });

  test("where all are right or all wrong nothing can be ranked", () => {
    const right = small("test", [0.9, 0.1, 0.6, 0.4], [0, 0]);
    const wrong = { ...right, labels: Int32Array.of(1, 1) };
    const beta = uncertaintyEstimator("doctor-beta");
    expect(scoreErrorEstimator(beta, right)).toMatchObject({ auroc: null, byPath: [{ errorRate: 0 }] });
    expect(scoreErrorEstimator(beta, wrong)).toMatchObject({ auroc: null, byPath: [{ errorRate: 1 }] });
  });

  test("refuses a table without paths", () => {
    expect(() => scoreErrorEstimator(outcomeTargets, { ...table, paths: [] })).toThrow("at least one path");
  });
});

test("the comparison fits on one table, scores on the other, and tells sure from unsure better than the base rate", async () => {
  const { fitted, held } = validationHalves(table, { seed: 8 });
  const scores = await compareErrorEstimators({ table: fitted, held, clusterCount: 12, restarts: 2, seed: 1 });
  expect(scores.map(({ estimator }) => estimator)).toEqual([
    "clusters",
    "doctor-alpha",
    "doctor-alpha, platt",
    "doctor-alpha, isotonic",
    "doctor-beta",
    "doctor-beta, platt",
    "doctor-beta, isotonic",
    "base rate",
  ]);
  const byName = new Map(scores.map((score) => [score.estimator, score]));
  const blind = byName.get("base rate");
  for (const score of scores) expect(score.brier).toBeLessThanOrEqual(blind?.brier ?? 0);
  expect(blind?.auroc).toBe(0.5);
  const targets = await fitErrorTargets({ table: fitted, clusterCount: 12, restarts: 2, seed: 1 });
  expect(byName.get("clusters")).toEqual(scoreErrorEstimator(clusterEstimator(targets), held));
});

test.prop([fc.integer({ min: 2, max: 40 }), fc.integer()])("halves share no sample and lose none", (count, seed) => {
  const rows = Float32Array.from({ length: 2 * count }, (_, j) => (j % 2 === 0 ? j : 0));
  const numbered = small("validation", [...rows], Array(count).fill(0));
  const halves = validationHalves(numbered, { seed });
  const numbersOf = (half: ProbabilityTable<"validation">) =>
    [...half.probabilities([bits(8)])].filter((_, j) => j % 2 === 0).map((value) => value / 2);
  const together = [...numbersOf(halves.fitted), ...numbersOf(halves.held)].sort((a, b) => a - b);
  expect(together).toEqual(Array.from({ length: count }, (_, i) => i));
  expect(halves.fitted.count - halves.held.count).toBe(count % 2);
});
