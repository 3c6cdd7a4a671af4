import { calibrationSubset, preprocessor } from "@quee/datasets";
import type { Tensor } from "@quee/tensor";
import type { ConfigFile } from "../config/schema.js";
import type { StageProgress } from "../run/progress.js";
import type { Run } from "../run/run.js";
import type { Dataset } from "./dataset.js";
import type { Prepared } from "./prepare.js";

export interface CalibrationBatches {
  /** [B, 3, H, W] each. Prepared once: the search goes over them again and again. */
  readonly batches: readonly Tensor[];
  readonly labels: Int32Array;
}

/** The calibration images of a config, drawn from the training images by its seed. */
export async function calibrationBatches(
  { config }: Run<ConfigFile>,
  dataset: Dataset,
  prepared: Prepared,
  progress: StageProgress,
): Promise<CalibrationBatches> {
  const images = calibrationSubset(dataset.train, config.calibration.images, config.seed);
  const prepareImages = preprocessor(prepared.model.preprocessing);
  const batches: Tensor[] = [];
  for (let from = 0; from < images.count; from += config.batchSize) {
    const size = Math.min(config.batchSize, images.count - from);
    const indices = Int32Array.from({ length: size }, (_, i) => from + i);
    batches.push(await prepareImages(images, indices));
    progress.update(from + size, images.count, "calibration images");
  }
  return { batches, labels: images.labels };
}
