import { summarize } from "@quee/path-tables";
import { argmaxRows, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { rowsInMemory } from "@quee/training";
import { expect, test } from "vitest";
import { fitRival } from "../rival/fit-rival.js";
import { fullPath } from "../rival/rival-paths.js";
import { learnableInputs, space } from "../testing/inputs.js";
import { ensembleRival } from "./ensemble-rival.js";
import { fitEnsemble } from "./fit-ensemble.js";
import { applyEnsemble } from "./geometric-ensemble.js";

test("equal weights without a bias give the geometric mean", () => {
  const ensemble = { weights: Float32Array.of(0.5, 0.5), bias: new Float32Array(2) };
  const [a, b] = [Float32Array.of(0.9, 0.1), Float32Array.of(0.2, 0.8)];
  const raw = [Math.sqrt(0.9 * 0.2), Math.sqrt(0.1 * 0.8)];
  const total = raw[0] + raw[1];
  expectAllclose(
    applyEnsemble(ensemble, [a, b]).data,
    raw.map((value) => value / total),
    { rtol: 1e-5 },
  );
});

test("an exit that knows gets more weight than one that guesses, and a bias mends a frequent class", async () => {
  const { inputs } = learnableInputs({ count: 900, trainCount: 50 });
  const { labels, classCount, count } = inputs.validation;
  const guess = Float32Array.from({ length: count * classCount }, (_, at) => ((at * 7919) % 13) + 1);
  for (let i = 0; i < count; i++) {
    const row = guess.subarray(i * classCount, (i + 1) * classCount);
    const sum = row.reduce((total, value) => total + value, 0);
    row.forEach((value, k) => {
      row[k] = value / sum;
    });
  }
  const history = [guess, inputs.validation.probabilities(fullPath(space))];
  const logs = rowsInMemory(history.map((rows) => tensor([count, classCount], rows.map(Math.log))));
  const fitted = await fitEnsemble({
    logs,
    labels,
    classCount,
    batchSize: 100,
    epochs: 30,
    learningRate: 0.05,
    seed: 1,
  });
  expect(fitted.weights[1]).toBeGreaterThan(5 * fitted.weights[0]);
  const skewed = Int32Array.from(labels, (label, i) => (i % 3 === 0 ? 0 : label));
  const options = { logs, classCount, batchSize: 100, epochs: 30, learningRate: 0.05, seed: 1 };
  const { bias } = await fitEnsemble({ ...options, labels: skewed });
  expect(bias[0]).toBeGreaterThan(Math.max(bias[1], bias[2]) + 0.1);
});

test("the rival answers with the ensemble, and is no worse than the last exit when all go there", async () => {
  const { inputs, test: testTable } = learnableInputs({ count: 600, trainCount: 50 });
  const { points, trainings, pays } = await fitRival(ensembleRival({ batchSize: 100, count: 21 }), inputs);
  expect(trainings).toBe(2);
  const last = points[points.length - 1];
  const { top1, exitHistogram } = summarize(last.replay(testTable), testTable, inputs.costs(pays));
  expect(exitHistogram).toEqual([0, 0, 600]);
  const alone = argmaxRows(tensor([600, 3], testTable.probabilities(fullPath(space))));
  const right = alone.reduce((sum, answer, i) => sum + (answer === testTable.labels[i] ? 1 : 0), 0) / 600;
  expect(top1).toBeGreaterThanOrEqual(right - 0.01);
  expect([...last.replay(testTable).prediction]).not.toEqual([...alone]);
});
