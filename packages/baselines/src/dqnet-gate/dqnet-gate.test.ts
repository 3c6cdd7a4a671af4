import { test as propertyTest } from "@fast-check/vitest";
import { bits, legalPaths, type PathSpace, pathKey } from "@quee/core";
import { openSession } from "@quee/onnx-session";
import { createPathTable, type PathTable, replay, summarize } from "@quee/path-tables";
import { randomStream, type Tensor, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { adam, createTrainStep } from "@quee/training";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crossEntropiesAlong } from "../networks/cross-entropies.js";
import { initialTwoLayers, type TwoLayers, twoLayerParameters } from "../networks/two-layers.js";
import { fitRival } from "../rival/fit-rival.js";
import { bitCosts } from "../testing/bit-costs.js";
import { pathScores, selectionOf } from "./controller.js";
import { dqnetGatePolicy } from "./dqnet-gate-policy.js";
import { dqnetGateRival } from "./dqnet-gate-rival.js";
import { controllerPaths, dqnetPaths } from "./dqnet-paths.js";
import { objectiveGraph } from "./objective.js";

const space: PathSpace = { levels: [bits(6), bits(8)], exitCount: 3, order: "monotone", firstBlock: "highest" };
const levels = [bits(8), bits(6)];

test("the controller chooses among all sequences behind the first block; monotone ones are fewer", () => {
  expect(controllerPaths(space).map(pathKey)).toEqual(["8-8-8", "8-8-6", "8-6-8", "8-6-6"]);
  expect(controllerPaths(space, { order: "monotone" }).map(pathKey)).toEqual(["8-8-8", "8-8-6", "8-6-6"]);
  // CIFAR-10 of the paper: 16 and 10 of full depth.
  const paper = { ...space, levels: [5, 6, 7, 8].map(bits) };
  expect(controllerPaths(paper)).toHaveLength(16);
  expect(controllerPaths(paper, { order: "monotone" })).toHaveLength(10);
  expect(dqnetPaths(paper)).toHaveLength(21);
});

/** The objective as it is written down: every path, and the probability of its bits block by block. */
function enumerated(
  controller: TwoLayers,
  { features, crossEntropy }: { features: Tensor; crossEntropy: Tensor },
  { alpha, targetBits, order }: { alpha: number; targetBits: number; order: "any" | "monotone" },
): number {
  const paths = controllerPaths(space, { order });
  const count = features.shape[0];
  let [loss, meanBits] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [inputs, hidden] = controller.hiddenWeight.shape;
    const units = Array.from({ length: hidden }, (_, h) => {
      let sum = controller.hiddenBias.data[h];
      for (let f = 0; f < inputs; f++)
        sum += features.data[i * inputs + f] * controller.hiddenWeight.data[f * hidden + h];
      return Math.max(0, sum);
    });
    const score = (s: number) =>
      units.reduce(
        (sum, unit, h) => sum + unit * controller.outputWeight.data[h * 4 + s],
        controller.outputBias.data[s],
      );
    const chance = (block: number, level: number) =>
      Math.exp(score(2 * block + level)) / (Math.exp(score(2 * block)) + Math.exp(score(2 * block + 1)));
    const raw = paths.map((path) => chance(0, levels.indexOf(path[1])) * chance(1, levels.indexOf(path[2])));
    const total = raw.reduce((sum, p) => sum + p, 0);
    paths.forEach((path, p) => {
      loss += ((raw[p] / total) * crossEntropy.data[i * paths.length + p]) / count;
      meanBits += ((raw[p] / total) * (path[1] + path[2])) / 2 / count;
    });
  }
  return loss + alpha * Math.max(0, meanBits - targetBits);
}

function problem(seed: number, order: "any" | "monotone") {
  const random = randomStream(seed, "objective");
  const paths = controllerPaths(space, { order });
  const normals = (shape: readonly number[]) =>
    tensor(
      shape,
      Float32Array.from({ length: shape[0] * shape[1] }, () => random.normal()),
    );
  const controller = initialTwoLayers({ inputs: 3, hidden: 5, outputs: 4 }, random);
  const samples = { features: normals([7, 3]), crossEntropy: normals([7, paths.length]) };
  const pathBits = Float32Array.from(paths, (path) => (path[1] + path[2]) / 2);
  return { controller, samples, selection: selectionOf(paths, levels), pathBits };
}

propertyTest.prop(
  [
    fc.integer(),
    fc.constantFrom("any" as const, "monotone" as const),
    fc.constantFrom(0, 0.3, 2),
    fc.constantFrom(6, 6.5, 8),
  ],
  { numRuns: 25 },
)(
  "objective and gradient are those of the enumeration of all paths",
  async (seed, order, alpha, targetBits) => {
    const { controller, samples, selection, pathBits } = problem(seed, order);
    const graph = objectiveGraph({ controller, selection, pathBits, alpha, targetBits });
    // With such an ε one step of Adam is minus the gradient.
    const plain = adam({ beta1: 0, epsilon: 1e6 });
    const step = await createTrainStep({ graph, parameters: twoLayerParameters, optimizer: plain });
    const kept = tensor([7, 5], new Float32Array(35).fill(1));
    const { loss } = await step.step({ ...samples, kept }, 1e6);
    const objective = (at: TwoLayers) => enumerated(at, samples, { alpha, targetBits, order });
    expectAllclose([loss], [objective(controller)], { rtol: 1e-5, atol: 1e-6 });
    const after = step.parameters();
    await step.release();
    for (const name of twoLayerParameters) {
      const before = controller[name].data;
      const differences = Array.from(before, (_, at) => {
        const moved = (by: number) => {
          const data = Float64Array.from(before) as unknown as Float32Array;
          data[at] += by;
          return objective({ ...controller, [name]: { ...controller[name], data } });
        };
        return (moved(1e-5) - moved(-1e-5)) / 2e-5;
      });
      const gradient = before.map((value, at) => value - (after.get(name) as Tensor).data[at]);
      expectAllclose(gradient, differences, { rtol: 1e-3, atol: 2e-5 });
    }
  },
  30_000,
);

test("what the policy computes is what the graph computes", async () => {
  const { controller, samples, selection, pathBits } = problem(3, "any");
  const graph = objectiveGraph({ controller, selection, pathBits, alpha: 1, targetBits: 6 });
  const session = await openSession(graph);
  const kept = tensor([7, 5], new Float32Array(35).fill(1));
  const { choice } = await session.run({ ...samples, kept });
  await session.release();
  const scores = pathScores(controller, samples.features, selection);
  for (let i = 0; i < 7; i++) {
    const row = Array.from(scores.data.subarray(4 * i, 4 * i + 4), (score) => Math.exp(score));
    const total = row.reduce((sum, value) => sum + value, 0);
    expectAllclose(
      choice.data.subarray(4 * i, 4 * i + 4),
      row.map((value) => value / total),
      { atol: 1e-6 },
    );
  }
});

/** Images of two kinds, which the first feature tells apart: one kind is answered well on 8-6-8 alone, the other on 8-8-6. */
function twoKinds<Role extends "train" | "validation">(role: Role, seed: number): PathTable<Role> {
  const random = randomStream(seed, role);
  const count = 600;
  const kinds = Uint8Array.from({ length: count }, () => random.below(2));
  const labels = Int32Array.from({ length: count }, () => random.below(2));
  const paths = legalPaths({ ...space, order: "any" });
  const probabilities = paths.map((path) =>
    Float32Array.from({ length: 2 * count }, (_, at) => {
      const i = Math.floor(at / 2);
      const good = pathKey(path) === (kinds[i] === 1 ? "8-6-8" : "8-8-6");
      return (at % 2 === labels[i]) === good ? 0.9 : 0.1;
    }),
  );
  const features = Float32Array.from({ length: 3 * count }, (_, at) =>
    at % 3 === 0 ? (kinds[at / 3] === 1 ? 1 : -1) + 0.2 * random.normal() : random.normal(),
  );
  const table = createPathTable({ role, classCount: 2, labels, paths, probabilities });
  return { ...table, exitFeatures: () => features };
}

test("without a bit term the controller gives each image its path, where the best static path is right for half", async () => {
  const [train, validation] = [twoKinds("train", 1), twoKinds("validation", 1)];
  const inputs = { space, train, validation, costs: bitCosts(space, train.paths), seed: 2 };
  const rival = dqnetGateRival({ alphas: [0], maxEpochs: 12, batchSize: 50, learningRate: 3e-3 });
  const { points, trainings, pays } = await fitRival(rival, inputs);
  expect(trainings).toBe(1);
  // 3·64 + 64·4 MACs behind the first block, none later.
  expect(pays).toEqual({ heads: "last-exit", gateMacs: [448, 0] });
  const chosen = points[0].replay(train);
  const losses = train.paths.map((path) => crossEntropiesAlong(train, path));
  const lossOf = (pathOf: (i: number) => number) =>
    Array.from({ length: train.count }, (_, i) => losses[pathOf(i)][i]).reduce((a, b) => a + b) / train.count;
  const fullDepth = train.paths.flatMap((path, p) => (path.length === 3 ? [p] : []));
  const bestStatic = Math.min(...fullDepth.map((p) => lossOf(() => p)));
  expect(lossOf((i) => chosen.pathIndex[i])).toBeLessThan(bestStatic - 0.5);
  expect(summarize(chosen, train, inputs.costs(pays)).top1).toBeGreaterThan(0.97);
});

test("the bit term pulls towards its target, and no path is dearer than the most bits", async () => {
  const [train, validation] = [twoKinds("train", 1), twoKinds("validation", 1)];
  const inputs = { space, train, validation, costs: bitCosts(space, train.paths), seed: 2 };
  const rival = dqnetGateRival({
    alphas: [10],
    maxEpochs: 12,
    batchSize: 50,
    learningRate: 3e-3,
    blockMacs: [1, 1, 3],
  });
  const { points } = await fitRival(rival, inputs);
  const shares = (setting: string) => {
    const point = points.find((one) => one.setting === setting);
    const taken = point?.replay(validation);
    return validation.paths.map((_, p) => (taken?.pathIndex.filter((own) => own === p).length ?? 0) / validation.count);
  };
  const cheapest = validation.paths.findIndex((path) => pathKey(path) === "8-6-6");
  expect(shares("α 10, target 6")[cheapest]).toBeGreaterThan(0.9);
  expect(shares("α 10, target 8")[cheapest]).toBeLessThan(0.1);
});

test("a policy without exit features of its width says what it needs", () => {
  const { controller } = problem(1, "any");
  const policy = dqnetGatePolicy({ name: "controller", controller, paths: controllerPaths(space), levels });
  const { exitFeatures: _, ...table } = twoKinds("validation", 1);
  expect(() => replay(policy, table, { space })).toThrow(
    /policy "controller" at the gate behind 8: expected exit features \[600, 3\] of exit 1, got none/,
  );
  const narrow = { ...table, exitFeatures: () => new Float32Array(600) };
  expect(() => replay(policy, narrow, { space })).toThrow(/got 600 numbers/);
});
