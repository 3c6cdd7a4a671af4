import { type Tensor, zeros } from "@quee/tensor";
import type { SampleRows } from "@quee/training";
import { checkFeatures, checkSameExits } from "./check-features.js";
import { openHeadScorer } from "./evaluate-head.js";
import type { FeatureSplit } from "./exit-head.js";
import { featureRows } from "./feature-rows.js";
import { fitHead, type HeadTrainingSettings, type TrainedExitHead } from "./fit-head.js";

export interface TrainExitHeadsOptions extends HeadTrainingSettings {
  readonly train: FeatureSplit<"train", Tensor | SampleRows>;
  /** Only for early stopping, and for the reported accuracy. */
  readonly validation: FeatureSplit<"validation", Tensor | SampleRows>;
  readonly classCount: number;
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
  const { train, validation, classCount } = options;
  const features = featureRows(train.features[exit - 1]);
  const { role, labels } = validation;
  const scorer = await openHeadScorer({ role, features: validation.features[exit - 1], labels, classCount });
  try {
    const problem = {
      exit,
      start: { weight: zeros([features.widths[0], classCount]), bias: zeros([classCount]) },
      labels: train.labels,
      // E, E − 1, …, 2 with E = exits with a trained head + the final one.
      scale: train.features.length + 2 - exit,
      featuresOfEpoch: () => features,
      score: scorer.score,
    };
    return await fitHead(problem, options);
  } finally {
    await scorer.release();
  }
}
