import type { Random, Tensor, TensorData } from "@quee/tensor";
import type { TrainStep } from "./create-train-step.js";
import { earlyStopping } from "./early-stopping.js";
import { minibatches } from "./minibatches.js";

export interface EpochReport {
  /** From 0. */
  readonly epoch: number;
  /** Mean loss of the samples as they were seen. */
  readonly trainLoss: number;
  readonly validationLoss: number;
}

export interface FitOptions {
  readonly step: TrainStep;
  /** N samples. */
  readonly count: number;
  readonly batchSize: number;
  /** The feeds of the samples with these indices. */
  readonly batch: (indices: Int32Array) => Readonly<Record<string, Tensor<TensorData>>>;
  /** Constant, or of the step counted from 0. */
  readonly learningRate: number | ((step: number) => number);
  readonly maxEpochs: number;
  /** Epochs without a lower validation loss before training stops. */
  readonly patience: number;
  readonly random: Random;
  /** Deals out an epoch, every sample once; default `minibatches`. For samples that are read best in some order. */
  readonly epoch?: (random: Random) => Iterable<Int32Array>;
  /** Loss on validation data of the parameters given. */
  readonly validate: (parameters: ReadonlyMap<string, Tensor>) => number | Promise<number>;
  readonly onEpoch?: (report: EpochReport) => void;
  /** Ends training between steps by throwing its reason. */
  readonly signal?: AbortSignal;
}

export interface FitResult {
  /** Every epoch that ran. */
  readonly epochs: readonly EpochReport[];
  /** The one whose parameters `step` holds at the end; null when no validation loss was finite. */
  readonly bestEpoch: number | null;
}

/** Epochs of minibatches until the validation loss stops falling; `step` is left with the best parameters. */
export async function fit(options: FitOptions): Promise<FitResult> {
  const { step, count, batchSize, learningRate, maxEpochs, patience, random, signal } = options;
  const deal = options.epoch ?? (() => minibatches({ count, batchSize, random }));
  const rateOf = typeof learningRate === "number" ? () => learningRate : learningRate;
  const stopping = earlyStopping<ReadonlyMap<string, Tensor>>({ patience });
  const epochs: EpochReport[] = [];
  let steps = 0;
  for (let epoch = 0; epoch < maxEpochs; epoch++) {
    let sum = 0;
    for (const indices of deal(random)) {
      signal?.throwIfAborted();
      const { loss } = await step.step(options.batch(indices), rateOf(steps++));
      sum += loss * indices.length;
    }
    const parameters = step.parameters();
    const report = { epoch, trainLoss: sum / count, validationLoss: await options.validate(parameters) };
    epochs.push(report);
    options.onEpoch?.(report);
    if (stopping.observe(report.validationLoss, () => parameters)) break;
  }
  const best = stopping.best();
  if (best !== null) step.setParameters(best.kept);
  return { epochs, bestEpoch: best?.epoch ?? null };
}
