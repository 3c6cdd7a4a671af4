import { uniformPaths } from "@quee/core";
import { openSession } from "@quee/onnx-session";
import { randomStream, softmaxRows, type Tensor, tensor, zeros } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { gateStatistics } from "../gate-statistics.js";
import { crossEntropies } from "../networks/cross-entropies.js";
import { denseRows } from "../networks/dense-rows.js";
import { learnableInputs, space } from "../testing/inputs.js";
import { plainJeiDnn } from "../testing/plain-jei-dnn.js";
import { exitsGraph } from "./exits-graph.js";
import { exitsOfSamples } from "./exits-of-samples.js";
import type { JeiDnnNetwork } from "./network.js";
import { jeiDnnSamples, takeSamples } from "./samples.js";
import { type TrainJeiDnnOptions, trainJeiDnn } from "./train-jei-dnn.js";

const { inputs } = learnableInputs({ trainCount: 430, count: 150 });
const exits = uniformPaths(space.levels[1], 3);
const [train, validation] = [inputs.train, inputs.validation].map((table) => jeiDnnSamples(table, exits));
const random = randomStream(8, "heads");
const normals = (shape: readonly number[]): Tensor => {
  const values = zeros(shape);
  for (let at = 0; at < values.data.length; at++) values.data[at] = 0.3 * random.normal();
  return values;
};
const head = () => ({
  weight: normals([train.features.widths[0], train.classCount]),
  bias: normals([train.classCount]),
});
const options: Omit<TrainJeiDnnOptions, "lambdas"> = {
  ...{ train, validation, heads: [head(), head()], cost: [0.3, 0.6, 1], weighting: "as-described" },
  // 430 and 150 samples: the last batch of an epoch, and the last run of validation samples, are not full.
  ...{ batchSize: 50, epochs: 3, learningRate: 0.01, gateLearningRate: 0.05, weightDecay: 1e-3, seed: 5 },
};
const lambdas = [0, 0.2, 0.5, 3];

const numbersOf = ({ heads, gates }: JeiDnnNetwork) =>
  [...heads, gates].flatMap(({ weight, bias }) => [...weight.data, ...bias.data]);

test.each(["as-described", "published"] as const)(
  "all λ side by side come to what loops in float64 come to for each (%s)",
  async (weighting) => {
    const networks = await trainJeiDnn({ ...options, weighting, lambdas });
    for (const [place, lambda] of lambdas.entries()) {
      const plain = plainJeiDnn({ ...options, weighting }, lambda);
      expectAllclose(numbersOf(networks[place]), numbersOf(plain), { rtol: 1e-3, atol: 1e-4 });
    }
    const distances = networks
      .slice(1)
      .map((one, p) => Math.max(...numbersOf(one).map((value, at) => Math.abs(value - numbersOf(networks[p])[at]))));
    // Far more than the tolerance: λ matters, and no network stands in another's place.
    for (const distance of distances) expect(distance).toBeGreaterThan(0.02);
  },
);

test.each(["as-described", "published"] as const)(
  "a λ among others gives what it gives alone (%s)",
  async (weighting) => {
    const together = await trainJeiDnn({ ...options, weighting, lambdas });
    const alone = await Promise.all(lambdas.map((lambda) => trainJeiDnn({ ...options, weighting, lambdas: [lambda] })));
    for (const [place, own] of alone.flat().entries()) {
      expectAllclose(numbersOf(together[place]), numbersOf(own), { rtol: 1e-5, atol: 1e-6 });
    }
  },
);

test("the graph shows gates what their policy computes, and every set its own heads", async () => {
  const sets = [0, 1].map(() => [head(), head()]);
  const session = await openSession(exitsGraph(sets[0], 2));
  const stacked = (of: "weight" | "bias", l: number) => Float32Array.from(sets.flatMap((set) => [...set[l][of].data]));
  const [width, classCount] = sets[0][0].weight.shape;
  const parameters = new Map(
    [0, 1].flatMap((l) => [
      [`weight_${l}`, tensor([2, width, classCount], stacked("weight", l))] as const,
      [`bias_${l}`, tensor([2, 1, classCount], stacked("bias", l))] as const,
    ]),
  );
  const batch = takeSamples(validation, validation.features.pieces[0]);
  const seen = await exitsOfSamples(session, parameters, batch);
  await session.release();
  const { labels, features, lastLoss, lastRight } = batch;
  for (const [s, set] of sets.entries()) {
    const probabilities = set.map(({ weight, bias }, l) => softmaxRows(denseRows(features[l], weight, bias)));
    const losses = probabilities.map((rows) => crossEntropies(rows, labels));
    probabilities.map(gateStatistics).forEach(({ data }, l) => {
      const shown = Array.from(data, (_, at) => {
        const [i, m] = [Math.floor(at / 4), at % 4];
        return seen.statistics.data[((s * labels.length + i) * 2 + l) * 4 + m];
      });
      expectAllclose(shown, data, { atol: 2e-6 });
      expectAllclose(
        seen.crossEntropy[s].filter((_, at) => at % 3 === l),
        losses[l],
        {
          rtol: 1e-5,
          atol: 1e-6,
        },
      );
      const right = Array.from(labels, (label, i) => {
        const row = probabilities[l].data.subarray(i * classCount, (i + 1) * classCount);
        return Number(row.indexOf(Math.max(...row)) === label);
      });
      expect([...seen.right[s].filter((_, at) => at % 3 === l)]).toEqual(right);
    });
    expect(seen.crossEntropy[s].filter((_, at) => at % 3 === 2)).toEqual(lastLoss);
    expect(seen.right[s].filter((_, at) => at % 3 === 2)).toEqual(lastRight);
  }
});
