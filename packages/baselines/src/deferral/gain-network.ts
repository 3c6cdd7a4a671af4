import { GraphBuilder } from "@quee/onnx-graph";
import { randomStream, type Tensor, zeros } from "@quee/tensor";
import { gatherRows, meanSquaredError, type SampleRows } from "@quee/training";
import { gateStatistics, statisticCount } from "../gate-statistics.js";
import { type Schedule, trainNetwork } from "../networks/train-network.js";
import {
  initialTwoLayers,
  type TwoLayers,
  twoLayerParameters,
  twoLayersFrom,
  writeTwoLayers,
} from "../networks/two-layers.js";

/** What an exit shows, p̂ and four statistics of it; and what every later exit would gain. */
export interface GainSamples {
  /** One column, [N, K + 4] */
  readonly inputs: SampleRows;
  /** [N, later exits] */
  readonly gains: Tensor;
}

export interface TrainGainOptions extends Schedule {
  readonly train: GainSamples;
  /** For early stopping. */
  readonly validation: GainSamples;
  readonly hidden: number;
  readonly seed: number;
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

function feedsOf({ inputs, gains }: GainSamples, rows: Int32Array): Readonly<Record<string, Tensor>> {
  return { inputs: inputs.rows(0, rows), gains: gatherRows(gains, rows) };
}

/** Regresses gains by mean squared error. */
export async function trainGains(options: TrainGainOptions): Promise<TwoLayers> {
  const { train, validation, hidden, seed, ...schedule } = options;
  const random = randomStream(seed, `gains of ${train.gains.shape[1]} exits`);
  const size = { inputs: train.inputs.widths[0], hidden, outputs: train.gains.shape[1] };
  const builder = new GraphBuilder("gains");
  const inputs = builder.input("inputs", ["batch", size.inputs]);
  const gains = builder.input("gains", ["batch", size.outputs]);
  const predicted = writeTwoLayers(builder, initialTwoLayers(size, random), inputs, null);
  builder.output(meanSquaredError(builder, predicted, gains), []);
  const parameters = await trainNetwork({
    ...schedule,
    graph: builder.build(),
    parameters: twoLayerParameters,
    count: train.inputs.count,
    batches: train.inputs.batches,
    batch: (rows) => feedsOf(train, rows),
    validation: validation.inputs.pieces.map((rows) => ({
      count: rows.length,
      feeds: () => feedsOf(validation, rows),
    })),
    random,
  });
  return twoLayersFrom(parameters);
}
