import { test } from "@fast-check/vitest";
import { argmaxRows } from "@quee/tensor";
import { describe, expect } from "vitest";
import { gatesToJson } from "./json.js";
import { gatePairs } from "./pairs.js";
import { meanSquaredErrorOf } from "./predictions-on-table.js";
import type { TableTargets } from "./remembered.js";
import { type GateEpoch, type TrainGatesOptions, trainGates } from "./train-gates.js";
import { randomTable, space } from "./views.test.fixture.js";

/** A target that the features of an early exit tell much about: how unsure the path ends up. */
const unsureness: TableTargets = (path, table) => {
  const { count, classCount } = table;
  const probabilities = table.probabilities(path);
  const best = argmaxRows({ shape: [count, classCount], data: probabilities });
  return Float32Array.from(best, (k, i) => 1 - probabilities[i * classCount + k]);
};

const train = randomTable("train", 600, 4, 1);
const validation = randomTable("validation", 200, 4, 2);
const options: TrainGatesOptions = {
  train,
  validation,
  targets: unsureness,
  space,
  batchSize: 64,
  maxEpochs: 12,
  learningRate: 1e-2,
  seed: 3,
};

describe("trainGates", () => {
  test("predicts better than the mean target of each candidate, which is what a blind gate can know", async () => {
    const gates = await trainGates(options);
    const targetsOf = (path: Parameters<TableTargets>[0]) => unsureness(path, validation);
    for (const { gate, prefixes, pairs } of gatePairs(space)) {
      const learned = meanSquaredErrorOf(gates, validation, prefixes, { targetsOf, batchSize: 70 });
      const blind =
        pairs.map(({ candidate }) => variance(targetsOf(candidate))).reduce((a, b) => a + b, 0) / pairs.length;
      expect(learned, `gate ${gate}`).toBeLessThan(0.6 * blind);
    }
  });

  test.each(["A", "B", "C"] as const)("reading %s learns: the validation error falls", async (reading) => {
    const reports: GateEpoch[] = [];
    await trainGates({ ...options, reading, maxEpochs: 4, onEpoch: (report) => reports.push(report) });
    for (const gate of [2, 3]) {
      const losses = reports.filter((report) => report.gate === gate).map(({ validationLoss }) => validationLoss);
      expect(losses.length).toBeGreaterThan(1);
      expect(Math.min(...losses)).toBeLessThan(0.9 * losses[0]);
    }
  });

  test("the same seed gives the same bytes, another seed others", async () => {
    const text = async (seed: number) =>
      JSON.stringify(gatesToJson(await trainGates({ ...options, maxEpochs: 1, seed })));
    expect(await text(5)).toBe(await text(5));
    expect(await text(5)).not.toBe(await text(6));
  });

  test("keeps the best epoch, not the last", async () => {
    const reports: GateEpoch[] = [];
    // Far too large a step: the error jumps about.
    const wild = {
      ...options,
      learningRate: 0.5,
      maxEpochs: 6,
      patience: 6,
      onEpoch: (report: GateEpoch) => reports.push(report),
    };
    const gates = await trainGates(wild);
    const targetsOf = (path: Parameters<TableTargets>[0]) => unsureness(path, validation);
    for (const { gate, prefixes } of gatePairs(space)) {
      const losses = reports.filter((report) => report.gate === gate).map(({ validationLoss }) => validationLoss);
      expect(meanSquaredErrorOf(gates, validation, prefixes, { targetsOf, batchSize: 64 })).toBe(Math.min(...losses));
    }
  });

  test("reading B has no embedding to ask for", async () => {
    await expect(trainGates({ ...options, reading: "B", embedding: 8 })).rejects.toMatchObject({ where: "embedding" });
  });

  test("stops at a signal", async () => {
    await expect(trainGates({ ...options, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

test("the pairs of CIFAR-10 are 15 and 14, as in table 1.5 of the specification for monotone paths from the most bits", () => {
  const four = { ...space, levels: [...space.levels, 7 as (typeof space.levels)[number]] };
  expect(gatePairs(four).map(({ gate, prefixes, pairs }) => [gate, prefixes.length, pairs.length])).toEqual([
    [2, 1, 15],
    [3, 4, 14],
  ]);
});

function variance(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
