import { QueeError } from "@quee/core";
import { GraphBuilder } from "@quee/onnx-graph";
import { openSession } from "@quee/onnx-session";
import { randomStream, type Tensor, zeros } from "@quee/tensor";
import { adam, createTrainStep, fit, gatherRows, meanSquaredError } from "@quee/training";
import { gateStatistics, statisticCount } from "../gate-statistics.js";
import { parametersAsInputs } from "../networks/parameters-as-inputs.js";
import {
  initialTwoLayers,
  type TwoLayers,
  twoLayerParameters,
  twoLayersFrom,
  writeTwoLayers,
} from "../networks/two-layers.js";

/** What an exit shows, p̂ and four statistics of it; and what every later exit would gain. */
export interface GainSamples {
  /** [N, K + 4] */
  readonly inputs: Tensor;
  /** [N, later exits] */
  readonly gains: Tensor;
}

export interface TrainGainOptions {
  readonly train: GainSamples;
  /** For early stopping. */
  readonly validation: GainSamples;
  readonly hidden: number;
  readonly batchSize: number;
  readonly maxEpochs: number;
  readonly patience: number;
  readonly learningRate: number;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

/** @param probabilities [n, K] @returns [n, K + 4] */
export function gainInputs(probabilities: Tensor): Tensor {
  const [count, classCount] = probabilities.shape;
  const width = classCount + statisticCount;
  const statistics = gateStatistics(probabilities).data;
  const inputs = zeros([count, width]);
  for (let i = 0; i < count; i++) {
    inputs.data.set(probabilities.data.subarray(i * classCount, (i + 1) * classCount), i * width);
    inputs.data.set(statistics.subarray(i * statisticCount, (i + 1) * statisticCount), i * width + classCount);
  }
  return inputs;
}

/** Regresses gains by mean squared error; the best epoch on validation images is kept. */
export async function trainGains(options: TrainGainOptions): Promise<TwoLayers> {
  const { train, validation, hidden, batchSize, maxEpochs, patience, learningRate, seed, signal } = options;
  const random = randomStream(seed, `gains of ${train.gains.shape[1]} exits`);
  const size = { inputs: train.inputs.shape[1], hidden, outputs: train.gains.shape[1] };
  const builder = new GraphBuilder("gains");
  const inputs = builder.input("inputs", ["batch", size.inputs]);
  const gains = builder.input("gains", ["batch", size.outputs]);
  const predicted = writeTwoLayers(builder, initialTwoLayers(size, random), inputs, null);
  builder.output(meanSquaredError(builder, predicted, gains), []);
  const graph = builder.build();
  const session = await openSession(parametersAsInputs(graph, twoLayerParameters));
  try {
    const step = await createTrainStep({ graph, parameters: twoLayerParameters, optimizer: adam() });
    try {
      const { bestEpoch } = await fit({
        step,
        count: train.inputs.shape[0],
        batchSize,
        batch: (rows) => ({ inputs: gatherRows(train.inputs, rows), gains: gatherRows(train.gains, rows) }),
        learningRate,
        maxEpochs,
        patience,
        random,
        validate: async (parameters) =>
          (await session.run({ ...Object.fromEntries(parameters), ...validation })).loss.data[0],
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

function notFinite(): QueeError {
  const expected = "an epoch with a finite validation loss";
  return new QueeError({ code: "E_GAIN_TRAINING", kind: "numeric", where: "deferral", expected, got: "none" });
}
