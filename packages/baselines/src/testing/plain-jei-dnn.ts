import { argmaxRows, randomStream, softmaxRows, type Tensor, zeros } from "@quee/tensor";
import { minibatches } from "@quee/training";
import { gateStatistics, statisticCount } from "../gate-statistics.js";
import { exitOf } from "../jei-dnn/exit-probabilities.js";
import type { JeiDnnNetwork } from "../jei-dnn/network.js";
import { type JeiDnnBatch, takeSamples } from "../jei-dnn/samples.js";
import { bestExits, headImportance, leaveLabels, positiveWeights } from "../jei-dnn/targets.js";
import type { TrainJeiDnnOptions } from "../jei-dnn/train-jei-dnn.js";
import { denseRows } from "../networks/dense-rows.js";

/** JEI-DNN for one λ in loops, its gradients written out: what the graphs that train all λ side by side must come to. */
export function plainJeiDnn(options: Omit<TrainJeiDnnOptions, "lambdas">, lambda: number): JeiDnnNetwork {
  const { train, cost, weighting, batchSize, epochs, weightDecay } = options;
  const validation = takeSamples(options.validation, options.validation.features.pieces[0]);
  const heads = options.heads.map(({ weight, bias }) => ({ weight: learned(weight), bias: learned(bias) }));
  const gateCount = heads.length;
  const gates = { weight: learned(zeros([gateCount, statisticCount])), bias: learned(zeros([gateCount])) };
  const network = (): JeiDnnNetwork => ({
    heads: heads.map(({ weight, bias }) => ({ weight: weight.value(), bias: bias.value() })),
    gates: { weight: gates.weight.value(), bias: gates.bias.value() },
  });
  const random = randomStream(options.seed, "jei-dnn batches");
  const half = Math.floor(Math.ceil(train.labels.length / batchSize) / 2);
  let positive: ArrayLike<number> = new Float64Array(gateCount).fill(1);
  let learning: "gates" | "heads" = "heads";
  let best = { loss: Number.POSITIVE_INFINITY, network: network() };

  for (let epoch = 0; epoch < epochs; epoch++) {
    let index = 0;
    for (const rows of minibatches({ count: train.labels.length, batchSize, random })) {
      if (index++ % half === 0) learning = learning === "heads" ? "gates" : "heads";
      const batch = takeSamples(train, rows);
      const count = rows.length;
      const { probabilities, crossEntropy, says, statistics } = lookAt(network(), batch);
      if (learning === "gates") {
        const leaves = leaveLabels(bestExits(crossEntropy, cost, lambda), gateCount);
        const slope = (i: number, l: number) => {
          const g = says[i * gateCount + l];
          return (leaves[i * gateCount + l] === 1 ? positive[l] * (g - 1) : g) / (count * gateCount);
        };
        gates.weight.step(options.gateLearningRate, weightDecay, (at) => {
          const [l, m] = [Math.floor(at / statisticCount), at % statisticCount];
          return sum(count, (i) => slope(i, l) * statistics[l].data[i * statisticCount + m]);
        });
        gates.bias.step(options.gateLearningRate, weightDecay, (l) => sum(count, (i) => slope(i, l)));
      } else {
        const weighted = headImportance(says, crossEntropy, gateCount);
        const classCount = batch.classCount;
        heads.forEach((head, l) => {
          const slope = (i: number, k: number) =>
            ((weighting === "published" ? 1 : weighted[i * gateCount + l]) *
              (probabilities[l].data[i * classCount + k] - Number(batch.labels[i] === k))) /
            (count * cost.length);
          const { data: x, shape } = batch.features[l];
          head.weight.step(options.learningRate, weightDecay, (at) => {
            const [f, k] = [Math.floor(at / classCount), at % classCount];
            return sum(count, (i) => x[i * shape[1] + f] * slope(i, k));
          });
          head.bias.step(options.learningRate, weightDecay, (k) => sum(count, (i) => slope(i, k)));
        });
      }
    }
    const { probabilities, crossEntropy, says } = lookAt(network(), validation);
    positive = positiveWeights(bestExits(crossEntropy, cost, lambda), gateCount);
    const answers = probabilities.map(argmaxRows);
    const n = validation.labels.length;
    const loss = sum(n, (i) => {
      const exit = exitOf(says.subarray(i * gateCount, (i + 1) * gateCount));
      const right = exit === gateCount ? validation.lastRight[i] : Number(answers[exit][i] === validation.labels[i]);
      return (1 - right + lambda * cost[exit]) / n;
    });
    if (loss < best.loss - 1e-12) best = { loss, network: network() };
  }
  return best.network;
}

/** What heads and gates say of samples. */
function lookAt({ heads, gates }: JeiDnnNetwork, { features, labels, lastLoss }: JeiDnnBatch) {
  const gateCount = heads.length;
  const probabilities = heads.map(({ weight, bias }, l) => softmaxRows(denseRows(features[l], weight, bias)));
  const statistics = probabilities.map(gateStatistics);
  const crossEntropy = new Float64Array(labels.length * (gateCount + 1));
  const says = new Float64Array(labels.length * gateCount);
  labels.forEach((label, i) => {
    heads.forEach(({ bias }, l) => {
      const classCount = bias.data.length;
      crossEntropy[i * (gateCount + 1) + l] = -Math.log(probabilities[l].data[i * classCount + label]);
      const weighted = sum(
        statisticCount,
        (m) => gates.weight.data[l * statisticCount + m] * statistics[l].data[i * statisticCount + m],
      );
      says[i * gateCount + l] = 1 / (1 + Math.exp(-weighted - gates.bias.data[l]));
    });
    crossEntropy[i * (gateCount + 1) + gateCount] = lastLoss[i];
  });
  return { probabilities, statistics, crossEntropy, says };
}

/** Numbers under Adam with coupled weight decay. */
function learned({ shape, data }: Tensor) {
  const values = Float64Array.from(data);
  const [first, second] = [new Float64Array(data.length), new Float64Array(data.length)];
  let steps = 0;
  return {
    value: (): Tensor => ({ shape, data: Float32Array.from(values) }),
    step(rate: number, weightDecay: number, gradientAt: (at: number) => number) {
      steps++;
      for (let at = 0; at < values.length; at++) {
        const gradient = gradientAt(at) + weightDecay * values[at];
        first[at] = 0.9 * first[at] + 0.1 * gradient;
        second[at] = 0.999 * second[at] + 0.001 * gradient ** 2;
        const root = Math.sqrt(second[at] / (1 - 0.999 ** steps)) + 1e-8;
        values[at] -= (rate * (first[at] / (1 - 0.9 ** steps))) / root;
      }
    },
  };
}

function sum(count: number, term: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += term(i);
  return total;
}
