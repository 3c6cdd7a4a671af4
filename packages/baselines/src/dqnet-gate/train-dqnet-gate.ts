import { type Random, randomStream, type Tensor, tensor } from "@quee/tensor";
import { gatherRows, type SampleRows } from "@quee/training";
import { type Schedule, trainNetworks } from "../networks/train-network.js";
import { initialTwoLayers, type TwoLayers, twoLayerParameters, twoLayersFrom } from "../networks/two-layers.js";
import { type ObjectiveOptions, objectiveGraph } from "./objective.js";

/** What the controller learns from: features of the first block, and how bad every path is. */
export interface ControllerSamples {
  /** One column, [N, F] */
  readonly features: SampleRows;
  /** −ln p̂_π(label) of each path, [N, A] in nats */
  readonly crossEntropy: Tensor;
}

/** A trade-off between accuracy and bits: one training. */
export type Tradeoff = Pick<ObjectiveOptions, "alpha" | "targetBits">;

export interface TrainDqnetGateOptions extends Omit<ObjectiveOptions, "controller" | keyof Tradeoff>, Schedule {
  readonly tradeoffs: readonly Tradeoff[];
  readonly train: ControllerSamples;
  /** For early stopping. */
  readonly validation: ControllerSamples;
  /** H */
  readonly hidden: number;
  /** Share of hidden units left out in a step, 0 … 1. */
  readonly dropout: number;
  readonly seed: number;
  /** Called after each training. */
  readonly onTraining?: ((trainings: number) => void) | undefined;
}

/**
 * Trains a controller for each trade-off, all from the same start, with the same batches and dropout; the objective over
 * validation images, without dropout, says when to stop. Of images that are read in pieces it is the mean of theirs.
 */
export async function trainDqnetGate(options: TrainDqnetGateOptions): Promise<readonly TwoLayers[]> {
  const { train, validation, selection, pathBits, tradeoffs, hidden, dropout, seed, onTraining, ...schedule } = options;
  const random = randomStream(seed, "dqnet-gate");
  const size = { inputs: train.features.widths[0], hidden, outputs: selection.shape[0] };
  const controller = initialTwoLayers(size, random);
  const trained = await trainNetworks({
    ...schedule,
    graphs: tradeoffs.map((tradeoff) => objectiveGraph({ controller, selection, pathBits, ...tradeoff })),
    parameters: twoLayerParameters,
    count: train.features.count,
    batches: train.features.batches,
    batch: (rows) => ({ ...feedsOf(train, rows), kept: drawKept(rows.length, hidden, dropout, random) }),
    validation: validation.features.pieces.map((rows) => ({
      count: rows.length,
      feeds: () => ({ ...feedsOf(validation, rows), kept: allKept(rows.length, hidden) }),
    })),
    random,
    ...(onTraining === undefined ? {} : { onStop: onTraining }),
  });
  return trained.map(twoLayersFrom);
}

function feedsOf({ features, crossEntropy }: ControllerSamples, rows: Int32Array): Readonly<Record<string, Tensor>> {
  return { features: features.rows(0, rows), crossEntropy: gatherRows(crossEntropy, rows) };
}

function allKept(count: number, hidden: number): Tensor {
  return tensor([count, hidden], new Float32Array(count * hidden).fill(1));
}

function drawKept(count: number, hidden: number, dropout: number, random: Random): Tensor {
  const kept = new Float32Array(count * hidden);
  for (let i = 0; i < kept.length; i++) kept[i] = random.uniform() < dropout ? 0 : 1 / (1 - dropout);
  return tensor([count, hidden], kept);
}
