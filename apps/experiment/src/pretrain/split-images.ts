import { type AnyImageSplit, type PreprocessorConfig, preprocessor } from "@quee/datasets";
import { randomStream } from "@quee/tensor";
import type { TrainingPlan } from "../config/backbone-schema.js";
import { augment } from "./augment.js";
import type { TrainingImages } from "./training-images.js";

export interface SplitImagesOptions {
  readonly train: AnyImageSplit<"train">;
  /** Stands for the bytes of the images. */
  readonly digest: string;
  readonly preprocessing: PreprocessorConfig;
  readonly augmentation: TrainingPlan["augmentation"];
  readonly seed: number;
}

/** The training images of a dataset, epoch after epoch, each in an order of its own; a last batch that is not full waits for none. */
export function splitImages({ train, digest, preprocessing, augmentation, seed }: SplitImagesOptions): TrainingImages {
  const prepare = preprocessor(preprocessing);
  let epochAt = -1;
  let order: Int32Array = new Int32Array();
  return {
    classCount: train.classCount,
    identity: { digest, preprocessing, seed },
    async batch(step, wanted) {
      const size = Math.min(wanted, train.count);
      const perEpoch = Math.floor(train.count / size);
      const epoch = Math.floor(step / perEpoch);
      if (epoch !== epochAt) order = randomStream(seed, `order of epoch ${epoch}`).permutation(train.count);
      epochAt = epoch;
      const from = (step % perEpoch) * size;
      const indices = order.slice(from, from + size);
      const images = await prepare(train, indices);
      if (augmentation !== undefined) augment(images, augmentation, randomStream(seed, `augmentation of step ${step}`));
      return { images, labels: Int32Array.from(indices, (i) => train.labels[i] ?? -1) };
    },
  };
}
