import { QueeError } from "@quee/core";
import { type Random, randomStream, type Tensor } from "@quee/tensor";
import { adam, createTrainStep, type EpochReport, fit, gatherRows, oneHot, type SampleRows } from "@quee/training";
import type { HeadScore } from "./evaluate-head.js";
import type { ExitHead } from "./exit-head.js";
import { headLossGraph, headParameters } from "./head-graphs.js";

export interface HeadTrainingSettings {
  /** Default 512. */
  readonly batchSize?: number;
  /** Default 0.001. */
  readonly learningRate?: number;
  /** Coupled: added to the gradient. Default 0.0001. */
  readonly weightDecay?: number;
  /** QuEE, table 2: 10 on SVHN, 15 on CIFAR-10, 20 on CIFAR-100 and ImageNet. Default 15. */
  readonly maxEpochs?: number;
  /** Epochs without a lower validation loss before a head stops. Default 2. */
  readonly patience?: number;
  readonly seed: number;
  readonly onEpoch?: (report: HeadEpoch) => void;
  readonly signal?: AbortSignal;
}

export interface HeadEpoch extends EpochReport {
  /** 1 … E */
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

/** What one head is to learn. */
export interface HeadProblem {
  readonly exit: number;
  readonly start: ExitHead;
  /** [N] */
  readonly labels: Int32Array;
  /** Of the loss; it matters beside the weight decay only. Default 1. */
  readonly scale?: number;
  /** What the head reads in an epoch, rows of one column [N, D]: asked for when the epoch begins. */
  readonly featuresOfEpoch: () => SampleRows;
  /** On validation data. */
  readonly score: (head: ExitHead) => Promise<HeadScore>;
}

/** Adam on the cross-entropy until the validation loss stops falling, the best epoch kept. */
export async function fitHead(problem: HeadProblem, settings: HeadTrainingSettings): Promise<TrainedExitHead> {
  const { exit, start, labels, scale = 1, featuresOfEpoch } = problem;
  const { batchSize = 512, learningRate = 1e-3, weightDecay = 1e-4, maxEpochs = 15, patience = 2 } = settings;
  const { seed, onEpoch, signal } = settings;
  const classCount = start.bias.shape[0];
  const scores: HeadScore[] = [];
  let features: SampleRows;
  const step = await createTrainStep({
    graph: headLossGraph(start, scale),
    parameters: headParameters,
    optimizer: adam({ weightDecay }),
  });
  try {
    const { bestEpoch } = await fit({
      step,
      count: labels.length,
      batchSize,
      *epoch(random: Random) {
        features = featuresOfEpoch();
        yield* features.batches(random, batchSize);
      },
      batch: (rows) => ({
        features: features.rows(0, rows),
        targets: oneHot(gatherRows({ shape: [labels.length], data: labels }, rows).data, classCount),
      }),
      learningRate,
      maxEpochs,
      patience,
      random: randomStream(seed, "exit heads batches"),
      validate: async (parameters) => {
        const score = await problem.score(headOf(parameters));
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
