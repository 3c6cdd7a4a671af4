import { fromTensor, type Graph, GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor, tensor, zeros } from "@quee/tensor";
import { adam, createTrainStep, crossEntropy, oneHot, type SampleRows } from "@quee/training";
import type { GeometricEnsemble } from "./geometric-ensemble.js";

export interface FitEnsembleOptions {
  /** ln p̂ of the exits passed, one column each, [N, K] */
  readonly logs: SampleRows;
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
  const { logs, labels, classCount, batchSize, epochs, learningRate, seed, signal } = options;
  const exits = logs.widths.length;
  const graph = ensembleGraph(exits, classCount);
  const step = await createTrainStep({ graph, parameters: ["logWeights", "bias"], optimizer: adam() });
  const random = randomStream(seed, `ensemble of ${exits}`);
  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const rows of logs.batches(random, batchSize)) {
        signal?.throwIfAborted();
        const own = Int32Array.from(rows, (row) => labels[row]);
        await step.step({ logs: sideBySide(logs, rows), targets: oneHot(own, classCount) }, learningRate);
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

/** @returns [samples.length, L, K] */
function sideBySide({ widths, rows }: SampleRows, samples: Int32Array): Tensor {
  const [exits, classCount] = [widths.length, widths[0]];
  const logs = zeros([samples.length, exits, classCount]);
  for (let e = 0; e < exits; e++) {
    const { data } = rows(e, samples);
    for (let i = 0; i < samples.length; i++) {
      logs.data.set(data.subarray(i * classCount, (i + 1) * classCount), (i * exits + e) * classCount);
    }
  }
  return logs;
}
