import { GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { adam } from "./adam.js";
import { createTrainStep, type TrainStep } from "./create-train-step.js";
import { type FitOptions, fit } from "./fit.js";
import { meanSquaredError } from "./losses.js";
import { gatherRows } from "./rows.js";

const count = 40;
const random = randomStream(2, "line");
const x: Tensor = { shape: [count, 1], data: Float32Array.from({ length: count }, () => random.normal()) };
const y: Tensor = { shape: [count, 1], data: x.data.map((value) => 3 * value) };

/** loss = mean (w·x − y)²; the best w is 3. */
function lineStep(): Promise<TrainStep> {
  const builder = new GraphBuilder("line");
  const prediction = builder.matMul(builder.input("x", ["batch", 1]), builder.tensor("w", [1, 1], Float32Array.of(0)));
  meanSquaredError(builder, prediction, builder.input("y", ["batch", 1]));
  builder.output("loss", []);
  return createTrainStep({ graph: builder.build(), parameters: ["w"], optimizer: adam() });
}

const slope = (parameters: ReadonlyMap<string, Tensor>) => parameters.get("w")?.data[0] ?? Number.NaN;

const options = (step: TrainStep): FitOptions => ({
  ...{ step, count, batchSize: 16, learningRate: 0.1, maxEpochs: 60, patience: 3, random: randomStream(1, "fit") },
  batch: (indices) => ({ x: gatherRows(x, indices), y: gatherRows(y, indices) }),
  validate: (parameters) => Math.abs(slope(parameters) - 3),
});

test("a line is found", async () => {
  const step = await lineStep();
  const { epochs, bestEpoch } = await fit(options(step));
  expectAllclose([slope(step.parameters())], [3], { atol: 0.05 });
  const best = Math.min(...epochs.map(({ validationLoss }) => validationLoss));
  expect(epochs[bestEpoch ?? -1].validationLoss).toBe(best);
  await step.release();
});

test("training stops after its patience, and the best parameters come back", async () => {
  const step = await lineStep();
  // A validation that likes a slope of 1 best: training passes it and goes on to 3.
  const seen: number[] = [];
  const { epochs, bestEpoch } = await fit({
    ...options(step),
    validate: (parameters) => {
      seen.push(slope(parameters));
      return Math.abs(slope(parameters) - 1);
    },
  });
  expect(epochs.length).toBe((bestEpoch ?? 0) + 1 + 3);
  expect(slope(step.parameters())).toBe(seen[bestEpoch ?? -1]);
  await step.release();
});

test("the rate is asked for every step, and every epoch is told", async () => {
  const step = await lineStep();
  const [asked, told]: [number[], number[]] = [[], []];
  const learningRate = (index: number) => {
    asked.push(index);
    return 0.1;
  };
  await fit({ ...options(step), maxEpochs: 2, learningRate, onEpoch: ({ epoch }) => told.push(epoch) });
  // 40 samples in batches of 16
  expect(asked).toEqual([0, 1, 2, 3, 4, 5]);
  expect(told).toEqual([0, 1]);
  await step.release();
});

test("the same seed gives the same bytes", async () => {
  const results = [];
  for (let run = 0; run < 2; run++) {
    const step = await lineStep();
    results.push([await fit(options(step)), step.state()]);
    await step.release();
  }
  expect(results[0]).toEqual(results[1]);
});

test("an aborted training rejects with the reason", async () => {
  const step = await lineStep();
  const reason = new Error("enough");
  await expect(fit({ ...options(step), signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  await step.release();
});
