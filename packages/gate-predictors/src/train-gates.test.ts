import { test } from "@fast-check/vitest";
import { argmaxRows } from "@quee/tensor";
import { describe, expect } from "vitest";
import { prepareGateData } from "./gate-data.js";
import type { Gates } from "./gates.js";
import { gatesToJson } from "./json.js";
import type { GateNetwork } from "./network.js";
import { gatePairs } from "./pairs.js";
import type { TableTargets } from "./remembered.js";
import { type GateEpoch, type TrainGatesOptions, trainGates, trainGatesOn, validationLoss } from "./train-gates.js";
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

const data = prepareGateData(options);
const lossAt = (gates: Gates, pairs: ReturnType<typeof gatePairs>[number], loss: "mse" | "bce" = "mse") =>
  validationLoss(data, pairs, gates.networks.get(pairs.gate) as GateNetwork, { targets: unsureness, loss });

describe("trainGates", () => {
  test("predicts better than the mean target of each candidate, which is what a blind gate can know", async () => {
    const gates = await trainGates(options);
    const targetsOf = (path: Parameters<TableTargets>[0]) => unsureness(path, validation);
    for (const pairs of gatePairs(space)) {
      const learned = lossAt(gates, pairs);
      const blind =
        pairs.pairs.map(({ candidate }) => variance(targetsOf(candidate))).reduce((a, b) => a + b, 0) /
        pairs.pairs.length;
      expect(learned, `gate ${pairs.gate}`).toBeLessThan(0.6 * blind);
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
    for (const pairs of gatePairs(space)) {
      const ofGate = reports.filter(({ gate }) => gate === pairs.gate);
      expect(lossAt(gates, pairs)).toBe(Math.min(...ofGate.map((report) => report.validationLoss)));
    }
  });

  test("trainings that share what is prepared give the bytes of trainings that do not, within the memory given or not", async () => {
    const short = { ...options, maxEpochs: 2 };
    const alone = gatesToJson(await trainGates(short));
    for (const memoryBytes of [2 ** 30, 0]) {
      const shared = prepareGateData({ ...short, memoryBytes });
      await trainGatesOn(shared, { ...short, seed: 9, hidden: 4 });
      const { gates, curves } = await trainGatesOn(shared, short);
      expect(gatesToJson(gates)).toEqual(alone);
      expect(curves.map(({ gate, epochs }) => [gate, epochs.length])).toEqual([
        [2, 2],
        [3, 2],
      ]);
    }
  });

  test("the curve tells which epoch was kept, in units of the loss that was trained", async () => {
    const { gates, curves } = await trainGatesOn(data, { ...options, loss: "bce" });
    gatePairs(space).forEach((pairs, g) => {
      const { epochs, bestEpoch } = curves[g];
      expect(epochs[bestEpoch].validationLoss).toBe(lossAt(gates, pairs, "bce"));
      // Blind to everything, a half: ln 2 nats.
      expect(epochs[bestEpoch].validationLoss).toBeLessThan(Math.log(2));
    });
  });

  test("gates may be trained on validation images, which no head has seen", async () => {
    await trainGates({ ...options, train: randomTable("validation", 100, 4, 7), maxEpochs: 1 });
    // @ts-expect-error test images train nothing
    void (() => trainGates({ ...options, train: randomTable("test", 100, 4, 7) }));
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
