import { expect, test } from "vitest";
import { stageNames } from "../run/run.js";
import { estimateRun } from "./estimate-run.js";
import { overheads, sum } from "./overheads.js";
import type { RivalTable, RunShape } from "./run-shape.js";

const gibibyte = 2 ** 30;

const nothing: RivalTable = { paths: 0, featurePaths: 0, runsOfBlock: [0, 0, 0, 0, 0] };

/** ImageNet with ViT-S/14 at 252×252: 325 tokens, 35 paths (Table 2 and section 7.1.3 of the paper). */
const imagenet: RunShape = {
  images: { train: 1_100_000, validation: 50_000, test: 50_000, calibration: 128 },
  ...{ stemMacs: 73e6, blockMacs: [2.6e9, 1.3e9, 1.3e9, 1.3e9, 1.3e9], pathsOfLength: [1, 3, 6, 10, 15], levels: 3 },
  ...{ classCount: 1000, featureWidth: 768, imageNumbers: 3 * 252 * 252, weightBytes: 91e6, activationBytes: 10e6 },
  ...{ batchSize: 8, threads: 2, headEpochs: 20, headBatchSize: 128, quantizer: { method: "min-max", stem: "levels" } },
  tables: { elements: "float32", memoryMegabytes: 1024 },
  clusters: { count: 40, restarts: 10 },
  gates: { maxEpochs: 20, embedding: 8, prefixes: 20 },
  rivals: { names: [], seeds: 1, beyond: { train: nothing, validation: nothing, test: nothing } },
};
const rate = 20e9;

function stage(shape: RunShape, name: string) {
  const found = estimateRun(shape, rate, stageNames).stages.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

test("tables are images × paths × classes × 4 bytes on disk, half of it in float16, and within their budget in memory", () => {
  const halves: RunShape = { ...imagenet, tables: { ...imagenet.tables, elements: "float16" } };
  expect(stage(imagenet, "collect").diskBytes).toBe(1_200_000 * 35 * 1000 * 4);
  expect(stage(halves, "collect").diskBytes).toBe(1_200_000 * 35 * 1000 * 2);
  const tight: RunShape = { ...imagenet, tables: { ...imagenet.tables, memoryMegabytes: 24 } };
  const saved = stage(imagenet, "train-gates").peakBytes - stage(tight, "train-gates").peakBytes;
  expect(saved).toBe(2 * 1_000 * 2 ** 20);
  expect(estimateRun(imagenet, rate, stageNames)).toMatchObject({ pathCount: 35, bytesPerImageAndPath: 4000 });
});

test("block j runs as often for an image as there are paths of j blocks, and test images in float too", () => {
  const perImage = 73e6 + 2.6e9 + (3 + 6 + 10 + 15) * 1.3e9;
  const whole = 73e6 + 2.6e9 + 4 * 1.3e9;
  const macs = 1_200_000 * perImage * overheads.fakeQuantization + 50_000 * whole;
  expect(stage(imagenet, "collect").seconds).toBeCloseTo(macs / (rate * 2), 3);
});

test("heads see everything but the last block, and their features fill the memory", () => {
  const { seconds, peakBytes } = stage(imagenet, "train-heads");
  const collecting = (1_150_000 * (73e6 + 2.6e9 + 3 * 1.3e9)) / (rate * 2);
  const training = ((2 * 1_100_000 + 50_000) * 20 * 4 * 768 * 1000) / rate;
  expect(seconds).toBeCloseTo(collecting + training, 3);
  const features = 1_150_000 * 4 * 768 * 4;
  expect(peakBytes).toBeGreaterThan(features);
  expect(peakBytes).toBeLessThan(features + 2 * gibibyte);
});

test("a search of PTQ4ViT takes longer than largest magnitudes, and keeps to its budget of memory", () => {
  const searched = { ...imagenet, quantizer: { method: "ptq4vit", memoryMegabytes: 1024 } } as RunShape;
  const [plain, search] = [stage(imagenet, "quantize-blocks"), stage(searched, "quantize-blocks")];
  expect(search.seconds).toBeCloseTo((plain.seconds ?? Number.NaN) * overheads.searchRuns, 3);
  expect(search.peakBytes - plain.peakBytes).toBe(gibibyte);
});

test("twice the threads, half the time of networks; each worker has its own copy of the weights", () => {
  const four = { ...imagenet, threads: 4 };
  for (const name of ["quantize-blocks", "collect", "cluster"]) {
    expect(stage(four, name).seconds).toBeCloseTo((stage(imagenet, name).seconds ?? Number.NaN) / 2, 3);
  }
  const perWorker = overheads.workerBytes + overheads.weightCopies * 91e6 + 8 * 10e6;
  expect(stage(four, "train-heads").peakBytes - stage(imagenet, "train-heads").peakBytes).toBeCloseTo(
    2 * overheads.heldMemory * perWorker,
    0,
  );
});

test("what is done already is not counted", () => {
  const rest = estimateRun(imagenet, rate, ["cluster", "train-gates", "report"]);
  expect(rest.stages.map(({ name }) => name)).toEqual(["cluster", "train-gates"]);
  expect(rest.seconds).toBe(sum(["cluster", "train-gates"].map((name) => stage(imagenet, name).seconds ?? Number.NaN)));
  expect(estimateRun(imagenet, rate, [])).toMatchObject({ seconds: 0, peakBytes: 0, diskBytes: 0 });
});

/** What JEI-DNN, DQNet-gate and static networks ask for on top. */
const beyond: RivalTable = { paths: 60, featurePaths: 4, runsOfBlock: [3, 9, 20, 20, 30] };
const withRivals = (names: readonly string[], train = 1_100_000): RunShape => ({
  ...imagenet,
  images: { ...imagenet.images, train },
  rivals: { names, seeds: 1, beyond: { train: beyond, validation: beyond, test: beyond } },
});

test("memory of rivals does not grow once tables and trainings have what they may", () => {
  const memory = (train: number) =>
    stage(withRivals(["threshold-entropy", "jei-dnn", "deferral"], train), "rivals").peakBytes;
  // A few numbers for each image and path: 95 paths of 4 bytes.
  expect(memory(2_200_000) - memory(1_100_000)).toBe(1_100_000 * 95 * 4);
  // Fewer images are held whole: 4 exits of 768 numbers.
  expect(memory(50_000) - memory(40_000)).toBe(10_000 * (95 * 4 + 4 * 768 * 4));
  expect(memory(1_100_000)).toBeLessThan(16 * gibibyte);
});

test("who trains nothing holds no images, and heads of every λ are held side by side", () => {
  const memory = (name: string) => stage(withRivals([name]), "rivals").peakBytes;
  expect(memory("jei-dnn") - memory("threshold-entropy")).toBeGreaterThan(gibibyte);
  expect(memory("jei-dnn")).toBeGreaterThan(memory("jei-dnn-published"));
  expect(memory("calibrated")).toBe(memory("threshold-entropy"));
  expect(stage(withRivals(["calibrated"]), "rivals").seconds).toBeNull();
});

test("paths of rivals are collected and kept like others, with what heads have read", () => {
  const { seconds, diskBytes } = stage(withRivals(["jei-dnn"]), "collect-rivals");
  expect(diskBytes).toBe(1_200_000 * (60 * 1000 * 4 + 4 * 768 * 4));
  const macs = 3 * (73e6 + 2.6e9) + (9 + 20 + 20 + 30) * 1.3e9;
  expect(seconds).toBeCloseTo((1_200_000 * macs * overheads.fakeQuantization) / (rate * 2), 3);
});
