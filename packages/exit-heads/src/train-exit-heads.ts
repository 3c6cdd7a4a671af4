import { QueeError } from "@quee/core";
import { randomStream, type Tensor, zeros } from "@quee/tensor";
import { adam, createTrainStep, type EpochReport, fit, gatherRows, oneHot } from "@quee/training";
import { checkFeatures, checkSameExits } from "./check-features.js";
import { type HeadScore, openHeadScorer } from "./evaluate-head.js";
import type { ExitHead, FeatureSplit } from "./exit-head.js";
import { headLossGraph, headParameters } from "./head-graphs.js";

export interface TrainExitHeadsOptions {
  readonly train: FeatureSplit<"train">;
  /** Only for early stopping, and for the reported accuracy. */
  readonly validation: FeatureSplit<"validation">;
  readonly classCount: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
  /** Coupled: added to the gradient. */
  readonly weightDecay?: number;
  /** QuEE, table 2: 10 on SVHN, 15 on CIFAR-10, 20 on CIFAR-100 and ImageNet. */
  readonly maxEpochs?: number;
  /** Epochs without a lower validation loss before a head stops. */
  readonly patience?: number;
  readonly seed: number;
  readonly onEpoch?: (report: HeadEpoch) => void;
  readonly signal?: AbortSignal;
}

export interface HeadEpoch extends EpochReport {
  /** 1 … E − 1 */
  readonly exit: number;
  readonly validationAccuracy: number;
}

export interface TrainedExitHead extends ExitHead {
  /** Of the kept epoch. */
  readonly validationAccuracy: number;
  readonly validationLoss: number;
  /** The kept epoch, from 0. */
  readonly bestEpoch: number;
}

/**
 * Trains the heads of the exits 1 … E − 1 on cached features of the frozen backbone; the final head stays the backbone's own.
 * The scaled joint loss of JEI-DNN's warm-up, as QuEE (arXiv 2406.14404, section 7.1.4) uses it: E·CE₁ + (E − 1)·CE₂ + … +
 * 2·CE_{E−1}, Adam with coupled weight decay, early stopping for each head by itself, its best epoch kept.
 *
 * The heads share no parameters and Adam works number by number, so each term is trained alone, in the batch order that all
 * share: the weights come out as from one joint step, and a head that has stopped costs nothing more.
 *
 * Heads start at zero: softmax regression is convex and has no symmetry to break, so a random start would only add noise.
 */
export async function trainExitHeads(options: TrainExitHeadsOptions): Promise<readonly TrainedExitHead[]> {
  checkFeatures(options.train, options.classCount);
  checkFeatures(options.validation, options.classCount);
  checkSameExits(options.train, options.validation);
  const heads: TrainedExitHead[] = [];
  for (let exit = 1; exit <= options.train.features.length; exit++) heads.push(await trainHead(exit, options));
  return heads;
}

async function trainHead(exit: number, options: TrainExitHeadsOptions): Promise<TrainedExitHead> {
  const { train, validation, classCount, batchSize = 512, learningRate = 1e-3, weightDecay = 1e-4 } = options;
  const { maxEpochs = 15, patience = 2, seed, onEpoch, signal } = options;
  const features = train.features[exit - 1];
  const start: ExitHead = { weight: zeros([features.shape[1], classCount]), bias: zeros([classCount]) };
  // E, E − 1, …, 2 with E = exits with a trained head + the final one.
  const scale = train.features.length + 2 - exit;
  const { role, labels } = validation;
  const scorer = await openHeadScorer({ role, features: validation.features[exit - 1], labels, classCount });
  const scores: HeadScore[] = [];
  try {
    const step = await createTrainStep({
      graph: headLossGraph(start, scale),
      parameters: headParameters,
      optimizer: adam({ weightDecay }),
    });
    try {
      const { bestEpoch } = await fit({
        step,
        count: train.count,
        batchSize,
        batch: (rows) => ({
          features: gatherRows(features, rows),
          targets: oneHot(gatherRows({ shape: [train.count], data: train.labels }, rows).data, classCount),
        }),
        learningRate,
        maxEpochs,
        patience,
        random: randomStream(seed, "exit heads batches"),
        validate: async (parameters) => {
          const score = await scorer.score(headOf(parameters));
          scores.push(score);
          return score.loss;
        },
        onEpoch: ({ trainLoss, ...report }) =>
          onEpoch?.({
            exit,
            ...report,
            trainLoss: trainLoss / scale,
            validationAccuracy: scores[report.epoch].accuracy,
          }),
        ...(signal === undefined ? {} : { signal }),
      });
      if (bestEpoch === null) throw noEpoch(exit);
      const { loss, accuracy } = scores[bestEpoch];
      return { ...headOf(step.parameters()), validationLoss: loss, validationAccuracy: accuracy, bestEpoch };
    } finally {
      await step.release();
    }
  } finally {
    await scorer.release();
  }
}

function headOf(parameters: ReadonlyMap<string, Tensor>): ExitHead {
  return { weight: parameters.get("weight") as Tensor, bias: parameters.get("bias") as Tensor };
}

function noEpoch(exit: number): QueeError {
  return new QueeError({
    code: "E_HEAD_TRAINING",
    kind: "numeric",
    where: `head of exit ${exit}`,
    expected: "an epoch with a finite validation loss",
    got: "none",
  });
}
