import { test } from "@fast-check/vitest";
import type { SplitRole } from "@quee/core";
import { fromTensor, GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor, zeros } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import {
  adam,
  createTrainStep,
  crossEntropy,
  gatherRows,
  minibatches,
  oneHot,
  rowsWithin,
  type SampleRows,
} from "@quee/training";
import { describe, expect } from "vitest";
import { openHeadScorer } from "./evaluate-head.js";
import type { FeatureSplit } from "./exit-head.js";
import type { HeadEpoch } from "./fit-head.js";
import { exitHeadsToJson, parseExitHeads } from "./json.js";
import { type TrainExitHeadsOptions, trainExitHeads } from "./train-exit-heads.js";

const WIDTH = 6;
const CLASSES = 3;

/** Features that lean towards a class direction; the second exit leans more. */
function features<Role extends SplitRole>(role: Role, count: number, seed: number): FeatureSplit<Role> {
  const random = randomStream(seed, role);
  const labels = Int32Array.from({ length: count }, () => random.below(CLASSES));
  const exit = (lean: number): Tensor => {
    const values = zeros([count, WIDTH]);
    labels.forEach((label, i) => {
      for (let d = 0; d < WIDTH; d++) values.data[i * WIDTH + d] = random.normal() + (d === label ? lean : 0) + 1;
    });
    return values;
  };
  return { role, count, classCount: CLASSES, labels, features: [exit(1), exit(2.5)] };
}

const options = {
  train: features("train", 500, 1),
  validation: features("validation", 300, 2),
  classCount: CLASSES,
  batchSize: 50,
  maxEpochs: 5,
  learningRate: 1e-2,
  seed: 4,
} satisfies TrainExitHeadsOptions;

describe("trainExitHeads", () => {
  test("heads beat the most frequent class, and the exit with clearer features is better", async () => {
    const [first, second] = await trainExitHeads({ ...options, maxEpochs: 30 });
    expect(first.weight.shape).toEqual([WIDTH, CLASSES]);
    expect(first.bias.shape).toEqual([CLASSES]);
    expect(first.validationAccuracy).toBeGreaterThan(0.55);
    // A Bayes-optimal head of three classes a distance of 2.5·√2 apart is right about 93 times of 100.
    expect(second.validationAccuracy).toBeGreaterThan(0.88);
    expect(second.validationLoss).toBeLessThan(first.validationLoss);
  });

  test("the weights are those of one joint step on the scaled sum of losses", async () => {
    const separate = await trainExitHeads({ ...options, maxEpochs: 1 });
    const joint = await trainJointly(options);
    for (const [e, { weight, bias }] of separate.entries()) {
      expectAllclose(weight.data, joint.get(`weight_${e}`)?.data ?? [], { rtol: 1e-4, atol: 1e-6 });
      expectAllclose(bias.data, joint.get(`bias_${e}`)?.data ?? [], { rtol: 1e-4, atol: 1e-6 });
    }
  });

  test("each head stops by itself and keeps its best epoch", async () => {
    const reports: HeadEpoch[] = [];
    const heads = await trainExitHeads({
      ...options,
      learningRate: 0.3,
      maxEpochs: 40,
      onEpoch: (report) => reports.push(report),
    });
    for (const [e, head] of heads.entries()) {
      const own = reports.filter(({ exit }) => exit === e + 1);
      const losses = own.map(({ validationLoss }) => validationLoss);
      expect(head.bestEpoch).toBe(losses.indexOf(Math.min(...losses)));
      expect(own.length).toBe(Math.min(40, head.bestEpoch + 3));
      expect(head.validationLoss).toBe(losses[head.bestEpoch]);
      const scorer = await openHeadScorer({ ...options.validation, features: options.validation.features[e] });
      const score = await scorer.score(head);
      await scorer.release();
      expect(score).toEqual({ loss: head.validationLoss, accuracy: head.validationAccuracy });
    }
  });

  test("reported training losses are cross-entropies, without the scale", async () => {
    const reports: HeadEpoch[] = [];
    await trainExitHeads({ ...options, learningRate: 0, maxEpochs: 1, onEpoch: (report) => reports.push(report) });
    // Heads start at zero: every class has the same probability.
    expectAllclose(
      reports.map(({ trainLoss }) => trainLoss),
      [Math.log(3), Math.log(3)],
      { rtol: 1e-5 },
    );
    expectAllclose(
      reports.map(({ validationLoss }) => validationLoss),
      [Math.log(3), Math.log(3)],
      { rtol: 1e-5 },
    );
  });

  test("the same seed gives the same bits", async () => {
    expect(await trainExitHeads(options)).toEqual(await trainExitHeads(options));
  });

  test("features of another count are refused by name", async () => {
    const short = { ...options.train, features: [options.train.features[0], zeros([3, WIDTH])] };
    await expect(trainExitHeads({ ...options, train: short })).rejects.toMatchObject({
      kind: "input",
      where: "train features, exit 2",
      got: "[3, 6]",
    });
  });

  test("exits that only one of the splits has are refused", async () => {
    const fewer = { ...options.validation, features: options.validation.features.slice(1) };
    await expect(trainExitHeads({ ...options, validation: fewer })).rejects.toMatchObject({ kind: "input" });
  });

  test("stops at a signal", async () => {
    await expect(trainExitHeads({ ...options, signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

test("stored heads come back bit for bit, and broken ones are refused with their place", async () => {
  const heads = await trainExitHeads({ ...options, maxEpochs: 1 });
  const text = JSON.stringify(exitHeadsToJson(heads));
  expect(parseExitHeads(JSON.parse(text))).toEqual(heads.map(({ weight, bias }) => ({ weight, bias })));
  const broken = exitHeadsToJson(heads);
  broken.heads[1].weight.pop();
  expect(() => parseExitHeads(broken, { file: "heads.json" })).toThrow(/^heads\.json: heads\.1\.weight: /);
  expect(() => parseExitHeads([])).toThrow(/^document: /);
});

describe("features that are read where they lie", () => {
  /** Runs of 40 samples. @param memoryBytes of one exit */
  function read<Role extends SplitRole>(
    split: FeatureSplit<Role>,
    memoryBytes: number,
  ): FeatureSplit<Role, SampleRows> {
    const runs = Array.from({ length: Math.ceil(split.count / 40) }, (_, i) => ({
      from: 40 * i,
      count: Math.min(40, split.count - 40 * i),
    }));
    const rowsOf = (column: Tensor) =>
      rowsWithin({ runs, widths: [WIDTH], memoryBytes, read: (_, samples) => gatherRows(column, samples).data });
    return { ...split, features: split.features.map(rowsOf) };
  }
  const trainOn = (memoryBytes: number) => {
    const [train, validation] = [read(options.train, memoryBytes), read(options.validation, memoryBytes)];
    return trainExitHeads({ ...options, maxEpochs: 10, train, validation });
  };

  test("give the same heads, to the byte, where they fit", async () => {
    expect(await trainOn(4 * WIDTH * 500)).toEqual(await trainExitHeads({ ...options, maxEpochs: 10 }));
  });

  test("give heads as good where they are read window by window", async () => {
    const inMemory = await trainExitHeads({ ...options, maxEpochs: 10 });
    for (const [e, head] of (await trainOn(4 * WIDTH * 100)).entries()) {
      expect(head.weight).not.toEqual(inMemory[e].weight);
      expect(Math.abs(head.validationLoss - inMemory[e].validationLoss)).toBeLessThan(0.02);
    }
  });
});

/** One epoch of 3·CE₁ + 2·CE₂ in one graph, E = 3. */
async function trainJointly({ train, batchSize, learningRate, seed }: typeof options) {
  const builder = new GraphBuilder("joint");
  const targets = builder.input("targets", ["batch", CLASSES]);
  const terms = [3, 2].map((scale, e) => {
    const x = builder.input(`features_${e}`, ["batch", WIDTH]);
    const weight = builder.initializer(`weight_${e}`, fromTensor(zeros([WIDTH, CLASSES])));
    const bias = builder.initializer(`bias_${e}`, fromTensor(zeros([CLASSES])));
    const logits = builder.plus(builder.matMul(x, weight), bias);
    return builder.times(crossEntropy(builder, logits, targets, { to: `loss_${e}` }), builder.scalar(scale));
  });
  builder.output(builder.plus(terms[0], terms[1], "loss"), []);
  const parameters = ["weight_0", "bias_0", "weight_1", "bias_1"];
  const step = await createTrainStep({ graph: builder.build(), parameters, optimizer: adam({ weightDecay: 1e-4 }) });
  const random = randomStream(seed, "exit heads batches");
  for (const rows of minibatches({ count: train.count, batchSize, random })) {
    const [features_0, features_1] = train.features.map((tensor) => gatherRows(tensor, rows));
    const labels = gatherRows({ shape: [train.count], data: train.labels }, rows).data;
    await step.step({ features_0, features_1, targets: oneHot(labels, CLASSES) }, learningRate);
  }
  const trained = step.parameters();
  await step.release();
  return trained;
}
