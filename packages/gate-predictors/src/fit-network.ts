import { QueeError } from "@quee/core";
import { type Random, randomStream, type Tensor } from "@quee/tensor";
import { adam, createTrainStep, type EpochReport, fit } from "@quee/training";
import type { NetworkWidths } from "./architecture.js";
import { drawNetwork, type GateNetwork, networkFrom, parametersOf } from "./network.js";
import { type GateOutput, type TrainingPairs, trainingGraph } from "./training-graph.js";
import { type TrainingSettings, trainingDefaults } from "./training-settings.js";

/** What one network is to learn. */
export interface NetworkProblem {
  /** Names its random streams and its errors. */
  readonly name: string;
  readonly widths: NetworkWidths;
  readonly pairs: TrainingPairs;
  /** Default `sigmoid`: targets are probabilities. */
  readonly output?: GateOutput;
  /** N */
  readonly count: number;
  /** The feeds of the training graph for some samples. */
  readonly batch: (rows: Int32Array) => { readonly features: Tensor; readonly targets: Tensor };
  /** An epoch in another order than at random: every sample once. */
  readonly batches?: (random: Random, batchSize: number) => Iterable<Int32Array>;
  /** Loss on validation data. */
  readonly validate: (network: GateNetwork) => number;
}

export interface FittedNetwork {
  readonly network: GateNetwork;
  readonly epochs: readonly EpochReport[];
  /** The epoch whose network it is. */
  readonly bestEpoch: number;
}

/** Adam, early stopping, the best epoch kept: a pure function of its arguments. */
export async function fitNetwork(
  problem: NetworkProblem,
  settings: TrainingSettings,
  onEpoch: (report: EpochReport) => void,
): Promise<FittedNetwork> {
  const { name, widths, pairs, output, count, batch, batches, validate } = problem;
  const { loss, batchSize, maxEpochs, patience, learningRate, weightDecay, seed, signal } = {
    ...trainingDefaults,
    ...settings,
  };
  const start = drawNetwork(widths, randomStream(seed, `${name} weights`));
  const step = await createTrainStep({
    graph: trainingGraph(start, pairs, { loss, output }),
    parameters: [...parametersOf(start).keys()],
    optimizer: adam({ weightDecay }),
  });
  const networkOf = (parameters: ReadonlyMap<string, Tensor>) =>
    networkFrom(widths, (parameter) => parameters.get(parameter) as Tensor);
  try {
    const { epochs, bestEpoch } = await fit({
      step,
      count,
      batchSize,
      batch,
      ...(batches === undefined ? {} : { epoch: (random: Random) => batches(random, batchSize) }),
      learningRate,
      maxEpochs,
      patience,
      random: randomStream(seed, `${name} batches`),
      validate: (parameters) => validate(networkOf(parameters)),
      onEpoch,
      ...(signal === undefined ? {} : { signal }),
    });
    if (bestEpoch === null) throw noFiniteLoss(name);
    return { network: networkOf(step.parameters()), epochs, bestEpoch };
  } finally {
    await step.release();
  }
}

function noFiniteLoss(name: string): QueeError {
  return new QueeError({
    code: "E_GATE_TRAINING",
    kind: "numeric",
    where: name,
    expected: "an epoch with a finite validation loss",
    got: "none",
  });
}
