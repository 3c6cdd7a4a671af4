import { test as propertyTest } from "@fast-check/vitest";
import { costOf, uniformPaths } from "@quee/core";
import { correctAlong, summarize } from "@quee/path-tables";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fitRival } from "../rival/fit-rival.js";
import { learnableInputs, space } from "../testing/inputs.js";
import { exitOf, exitProbabilities } from "./exit-probabilities.js";
import { jeiDnnLambdas, jeiDnnRival } from "./jei-dnn-rival.js";
import { bestExits, headImportance, leaveLabels, positiveWeights } from "./targets.js";

const unit = fc.double({ min: 0, max: 1, noNaN: true });

test("gates share out a probability of one, in order", () => {
  expectAllclose(exitProbabilities([0.3, 0.5]), [0.3, 0.5, 0.2], { atol: 1e-12 });
  expectAllclose(exitProbabilities([0.7, 0.9]), [0.7, 0.3, 0], { atol: 1e-12 });
  // What a gate says counts even where nothing is left to give: P₃ = min(0.2, 1 − 1.6) < 0.
  expectAllclose(exitProbabilities([0.7, 0.9, 0.2]), [0.7, 0.3, 0, 0], { atol: 1e-12 });
});

propertyTest.prop([fc.array(unit, { maxLength: 5 })])("exit probabilities are such", (gates) => {
  const probabilities = exitProbabilities(gates);
  for (const p of probabilities) expect(p).toBeGreaterThanOrEqual(0);
  expectAllclose([probabilities.reduce((sum, p) => sum + p, 0)], [1], { atol: 1e-9 });
});

test("an image leaves where leaving is as likely as staying for those still there", () => {
  expect(exitOf([0.6, 0.1])).toBe(0);
  // 0.3 of all leave first; 0.4 of the 0.7 that stay is more than half.
  expect(exitOf([0.3, 0.4])).toBe(1);
  expect(exitOf([0.3, 0.3])).toBe(2);
  expect(exitOf([])).toBe(0);
});

propertyTest.prop([fc.array(unit, { minLength: 1, maxLength: 5 })])(
  "whether an image leaves here does not depend on later gates",
  (gates) => {
    const exit = exitOf(gates);
    for (let seen = 1; seen <= gates.length; seen++) expect(exitOf(gates.slice(0, seen))).toBe(Math.min(exit, seen));
  },
);

test("targets are the exits with the least loss and cost, and gates learn to leave from there on", () => {
  const crossEntropy = Float64Array.of(1, 0.9, 0.2, 0.1, 0.1, 0.1, 2, 0.1, 0);
  const cost = [0.3, 0.6, 1];
  expect([...bestExits(crossEntropy, cost, 1)]).toEqual([2, 0, 1]);
  expect([...bestExits(crossEntropy, cost, 10)]).toEqual([0, 0, 0]);
  expect([...leaveLabels(Int32Array.of(2, 0, 1), 2)]).toEqual([0, 0, 1, 1, 0, 1]);
  // None, one and two of four leave there: min(5, 4 / 0.1), 3 / 1 and 2 / 2.
  expect([...positiveWeights(Int32Array.of(1, 2, 2, 3), 3)]).toEqual([5, 3, 1]);
});

propertyTest.prop([
  fc.array(
    fc.tuple(unit, unit, fc.array(fc.double({ min: 1e-3, max: 5, noNaN: true }), { minLength: 3, maxLength: 3 })),
    {
      minLength: 1,
      maxLength: 6,
    },
  ),
])("weights by the probability of leaving keep the loss of every sample", (rows) => {
  const gates = Float64Array.from(rows.flatMap((row) => row.slice(0, 2) as number[]));
  const losses = Float64Array.from(rows.flatMap(([, , three]) => three));
  const importance = headImportance(gates, losses, 2);
  rows.forEach(([a, b, three], i) => {
    const leaving = exitProbabilities([a, b]);
    const weighted = three.reduce((sum, loss, e) => sum + leaving[e] * loss, 0);
    const total = three.reduce((sum, loss) => sum + loss, 0);
    for (let l = 0; l < 2; l++) {
      expectAllclose([importance[2 * i + l]], [(leaving[l] * total) / weighted], { rtol: 1e-5 });
    }
  });
});

const { inputs, test: testTable } = learnableInputs({ trainCount: 1000, count: 400 });
const options = { lambdas: [0, 0.3, 5], warmUpEpochs: 10, batchSize: 50, learningRate: 0.01, gateLearningRate: 0.05 };

test.each(["as-described", "published"] as const)(
  "gates learn who may leave early, and a heavy λ sends all out first (%s)",
  async (weighting) => {
    const trainings: number[] = [];
    const rival = jeiDnnRival({ ...options, weighting });
    const fitted = await fitRival(rival, { ...inputs, onTraining: (done) => trainings.push(done) });
    expect(trainings).toEqual([1, 2, 3, 4]);
    const costs = inputs.costs(fitted.pays);
    const of = (lambda: number) => {
      const point = fitted.points.find(({ setting }) => setting === lambda);
      return summarize((point as (typeof fitted.points)[number]).replay(testTable), testTable, costs);
    };
    const exits = uniformPaths(space.levels[1], 3);
    expect(of(5).exitHistogram).toEqual([400, 0, 0]);
    // Half of the images are easy: about they leave first, and accuracy stays near that of the second exit.
    expect(of(0.3).exitHistogram[0]).toBeGreaterThan(150);
    expect(of(0.3).exitHistogram[0]).toBeLessThan(260);
    const second = correctAlong(testTable, exits[1]).reduce((sum, hit) => sum + hit, 0) / 400;
    expect(of(0.3).top1).toBeGreaterThan(second - 0.03);
    expect(of(0.3).cost).toBeLessThan(0.85 * costOf(costs, exits[1]));
    expect(of(0).top1).toBeGreaterThan(of(0.3).top1);
  },
  60_000,
);

test("its answers are those of its own heads, the last exit's those of the table", async () => {
  const { points } = await fitRival(jeiDnnRival({ ...options, lambdas: [0.1] }), inputs);
  const taken = points[0].replay(testTable);
  const paths = taken.pathIndex;
  const byTable = (i: number) => correctAlong(testTable, testTable.paths[paths[i]])[i];
  const samples = Array.from(paths.keys());
  const last = samples.filter((i) => testTable.paths[paths[i]].length === 3);
  const early = samples.filter((i) => testTable.paths[paths[i]].length < 3);
  expect(last.length).toBeGreaterThan(20);
  for (const i of last.slice(0, 20)) expect(taken.correct[i]).toBe(byTable(i));
  const different = early.filter((i) => taken.correct[i] !== byTable(i));
  expect(different.length).toBeGreaterThan(0);
}, 60_000);

test("the paper's thirteen trade-offs are the default", () => {
  expect(jeiDnnLambdas).toHaveLength(13);
});

test("a table without exit features is refused with what it lacks", async () => {
  const { exitFeatures: _, ...train } = inputs.train;
  await expect(fitRival(jeiDnnRival(options), { ...inputs, train })).rejects.toThrow(
    /train table, path 8: expected exit features \[1000, F\], got none/,
  );
});
