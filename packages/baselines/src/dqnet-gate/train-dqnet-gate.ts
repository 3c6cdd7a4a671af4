import { QueeError } from "@quee/core";
import { openSession } from "@quee/onnx-session";
import { type Random, randomStream, type Tensor, tensor } from "@quee/tensor";
import { adam, createTrainStep, fit, gatherRows } from "@quee/training";
import { parametersAsInputs } from "../networks/parameters-as-inputs.js";
import { initialTwoLayers, type TwoLayers, twoLayerParameters, twoLayersFrom } from "../networks/two-layers.js";
import { type ObjectiveOptions, objectiveGraph } from "./objective.js";

/** What the controller learns from: features of the first block, and how bad every path is. */
export interface ControllerSamples {
  /** [N, F] */
  readonly features: Tensor;
  /** −ln p̂_π(label) of each path, [N, A] in nats */
  readonly crossEntropy: Tensor;
}

export interface TrainDqnetGateOptions extends Omit<ObjectiveOptions, "controller"> {
  readonly train: ControllerSamples;
  /** For early stopping. */
  readonly validation: ControllerSamples;
  /** H */
  readonly hidden: number;
  /** Share of hidden units left out in a step, 0 … 1. */
  readonly dropout: number;
  readonly batchSize: number;
  readonly maxEpochs: number;
  readonly patience: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** Trains one controller: Adam, early stopping on the objective over validation images, the best epoch kept. */
export async function trainDqnetGate(options: TrainDqnetGateOptions): Promise<TwoLayers> {
  const { train, validation, selection, hidden, dropout, weightDecay, seed, signal } = options;
  const random = randomStream(seed, "dqnet-gate");
  const size = { inputs: train.features.shape[1], hidden, outputs: selection.shape[0] };
  const graph = objectiveGraph({ ...options, controller: initialTwoLayers(size, random) });
  const session = await openSession(parametersAsInputs(graph, twoLayerParameters));
  try {
    const step = await createTrainStep({ graph, parameters: twoLayerParameters, optimizer: adam({ weightDecay }) });
    try {
      const count = validation.features.shape[0];
      const whole = { ...validation, kept: tensor([count, hidden], new Float32Array(count * hidden).fill(1)) };
      const { bestEpoch } = await fit({
        step,
        count: train.features.shape[0],
        batchSize: options.batchSize,
        batch: (rows) => ({
          features: gatherRows(train.features, rows),
          crossEntropy: gatherRows(train.crossEntropy, rows),
          kept: drawKept(rows.length, hidden, dropout, random),
        }),
        learningRate: options.learningRate,
        maxEpochs: options.maxEpochs,
        patience: options.patience,
        random,
        validate: async (parameters) => {
          const { loss } = await session.run({ ...Object.fromEntries(parameters), ...whole }, ["loss"]);
          return loss.data[0];
        },
        ...(signal === undefined ? {} : { signal }),
      });
      if (bestEpoch === null) throw notFinite();
      return twoLayersFrom(step.parameters());
    } finally {
      await step.release();
    }
  } finally {
    await session.release();
  }
}

function drawKept(count: number, hidden: number, dropout: number, random: Random): Tensor {
  const kept = new Float32Array(count * hidden);
  for (let i = 0; i < kept.length; i++) kept[i] = random.uniform() < dropout ? 0 : 1 / (1 - dropout);
  return tensor([count, hidden], kept);
}

function notFinite(): QueeError {
  const where = "controller of DQNet-gate";
  const expected = "an epoch with a finite validation loss";
  return new QueeError({ code: "E_DQNET_TRAINING", kind: "numeric", where, expected, got: "none" });
}
