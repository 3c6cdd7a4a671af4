import { bits, type PathSpace } from "@quee/core";
import { randomStream, type Tensor } from "@quee/tensor";
import { compareVariants, oneSample } from "@quee/tooling-testing";
import { adam, createTrainStep } from "@quee/training";
import { bench, describe } from "vitest";
import type { GateArchitecture } from "./architecture.js";
import { trainClosedLoopOn } from "./closed-loop/train-closed-loop.js";
import { encodingOf } from "./encode-path.js";
import { stackedFeatures } from "./feature-source.js";
import { prepareGateData } from "./gate-data.js";
import { initialNetwork, parametersOf } from "./network.js";
import { gatePairs, trainingPairs } from "./pairs.js";
import { plainGate } from "./plain-gate.bench.helper.js";
import { type GateSettings, stackedTargets, trainGates, trainGatesOn } from "./train-gates.js";
import { type TrainingPairs, trainingGraph } from "./training-graph.js";
import { bitCosts, randomTable } from "./views.test.fixture.js";
import { wrongness } from "./wrongness.js";

/** CIFAR-10: 20,000 images to train on, 5,000 to stop by, 4 levels and 3 exits: 15 paths, 29 pairs at 2 gates. */
const space: PathSpace = {
  levels: [8, 7, 6, 5].map(bits),
  exitCount: 3,
  order: "monotone",
  firstBlock: "highest",
};
const [classCount, batchSize] = [10, 512];
const tables = {
  train: randomTable("train", 20_000, classCount, 1),
  validation: randomTable("validation", 5_000, classCount, 2),
  space,
};
const settings: GateSettings = { targets: wrongness, seed: 1, maxEpochs: 2, patience: 2 };

/** Every pair a prefix of its own: u‖p as the paper writes it. */
function apart({ encoded, prefixOf }: TrainingPairs): TrainingPairs {
  return { encoded, prefixCount: prefixOf.length, prefixOf: prefixOf.map((_, pair) => pair) };
}

/** u of the prefix of each pair, once more for each. [B, P, D] → [B, A, D] */
function ofPairs({ shape, data }: Tensor, { prefixOf }: TrainingPairs): Tensor {
  const [rows, prefixes, width] = shape;
  const out = new Float32Array(rows * prefixOf.length * width);
  for (let i = 0; i < rows; i++) {
    prefixOf.forEach((prefix, pair) => {
      const from = (i * prefixes + prefix) * width;
      out.set(data.subarray(from, from + width), (i * prefixOf.length + pair) * width);
    });
  }
  return { shape: [rows, prefixOf.length, width], data: out };
}

async function compareSteps(): Promise<void> {
  const data = prepareGateData(tables);
  const gate = gatePairs(space)[1];
  const pairs = trainingPairs(gate, encodingOf(space));
  const architecture: GateArchitecture = { reading: "A", embedding: 8, hidden: 16, classCount, exitCount: 3 };
  const network = initialNetwork(architecture, randomStream(1, "gate"));
  const rows = Int32Array.from({ length: batchSize }, (_, i) => i);
  const features = stackedFeatures(data.train.features, gate.prefixes, rows);
  const targets = stackedTargets(data.train.targetsOf(wrongness), gate, rows);
  const stepOf = (of: TrainingPairs) =>
    createTrainStep({
      graph: trainingGraph(network, of),
      parameters: [...parametersOf(network).keys()],
      optimizer: adam(),
    });
  const [shared, single] = [await stepOf(pairs), await stepOf(apart(pairs))];
  const repeated = ofPairs(features, pairs);
  const plain = plainGate(network);
  const plainStep = () => plain.step(repeated.data, pairs.encoded, targets.data, 1e-3);
  const [first, own] = [(await shared.step({ features, targets }, 1e-3)).loss, plainStep()];
  if (!(Math.abs(first - own) < 1e-5 * own)) throw new Error(`losses of the same step: ${first} and ${own}`);
  await compareVariants(
    {
      part: "gate steps",
      work: `gate ${gate.gate}, ${gate.prefixes.length} prefixes, ${pairs.prefixOf.length} pairs, batch ${batchSize}`,
    },
    {
      "plain loops in float64": plainStep,
      "onnxruntime, every pair alone": () => single.step({ features: repeated, targets }, 1e-3),
      "onnxruntime, pairs share their prefix": () => shared.step({ features, targets }, 1e-3),
    },
  );
  await Promise.all([shared.release(), single.release()]);
}

describe("a step of a gate of CIFAR-10", () => {
  bench("three ways", compareSteps, oneSample);
});

async function compareTrainings(): Promise<void> {
  const shared = prepareGateData(tables);
  await compareVariants(
    { part: "gate steps", work: "two epochs of every gate of CIFAR-10", rounds: 3 },
    {
      "features computed for this training": () => trainGates({ ...tables, ...settings }),
      "features that many trainings share": () => trainGatesOn(shared, settings),
    },
  );
}

describe("two epochs of every gate of CIFAR-10", () => {
  bench("features shared and not", compareTrainings, oneSample);
  const shared = prepareGateData(tables);
  bench(
    "closed loop at 24 λ, shared features",
    async () => {
      await trainClosedLoopOn(shared, { ...settings, costs: bitCosts(space) });
    },
    { ...oneSample, iterations: 3 },
  );
});
