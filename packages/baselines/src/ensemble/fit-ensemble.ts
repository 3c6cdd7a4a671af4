import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor, tensor, zeros } from "@quee/tensor";
import { adam, createTrainStep, crossEntropy, gatherRows, minibatches, oneHot } from "@quee/training";
import { logProbability } from "../networks/cross-entropies.js";
import type { GeometricEnsemble } from "./geometric-ensemble.js";

export interface FitEnsembleOptions {
  /** p̂ of the exits passed, each [N, K] */
  readonly history: readonly Float32Array[];
  readonly labels: Int32Array;
  readonly classCount: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Fits weights and bias by cross-entropy. They are so few that there is nothing to stop early for. */
export async function fitEnsemble(options: FitEnsembleOptions): Promise<GeometricEnsemble> {
  const { history, labels, classCount, batchSize, epochs, learningRate, seed, signal } = options;
  const logs = logProbabilities(history, classCount);
  const graph = ensembleGraph(history.length, classCount);
  const step = await createTrainStep({ graph, parameters: ["logWeights", "bias"], optimizer: adam() });
  const random = randomStream(seed, `ensemble of ${history.length}`);
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const rows of minibatches({ count: labels.length, batchSize, random })) {
        signal?.throwIfAborted();
        const own = Int32Array.from(rows, (row) => labels[row]);
        await step.step({ logs: gatherRows(logs, rows), targets: oneHot(own, classCount) }, learningRate);
      }
    }
    const [weights, bias] = ["logWeights", "bias"].map((name) => (step.parameters().get(name) as Tensor).data);
    return { weights: weights.map(Math.exp), bias: bias.slice() };
  } finally {
    await step.release();
  }
}

/**
 * Inputs `logs` [B, L, K] and `targets` [B, K] one-hot. Output `loss`. Weights are powers of e, so never negative; they begin as
 * the plain geometric mean.
 */
function ensembleGraph(exits: number, classCount: number): Graph {
  const builder = new GraphBuilder("geometric-ensemble");
  const logs = builder.input("logs", ["batch", exits, classCount]);
  const targets = builder.input("targets", ["batch", classCount]);
  const start = tensor([exits, 1], new Float32Array(exits).fill(-Math.log(exits)));
  const weights = builder.add("Exp", [builder.initializer("logWeights", fromTensor(start))]);
  const bias = builder.initializer("bias", fromTensor(zeros([classCount])));
  const logits = builder.plus(builder.reduceSum(builder.times(logs, weights), [1], false), bias);
  builder.output(crossEntropy(builder, logits, targets), []);
  return builder.build();
}

/** @returns [N, L, K] */
function logProbabilities(history: readonly Float32Array[], classCount: number): Tensor {
  const [count, exits] = [history[0].length / classCount, history.length];
  const logs = zeros([count, exits, classCount]);
  for (const [e, rows] of history.entries()) {
    for (let at = 0; at < rows.length; at++) {
      const [i, k] = [Math.floor(at / classCount), at % classCount];
      logs.data[(i * exits + e) * classCount + k] = logProbability(rows[at]);
    }
  }
  return logs;
}
