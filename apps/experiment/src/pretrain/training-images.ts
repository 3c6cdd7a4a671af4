import type { Tensor } from "@quee/tensor";

export interface TrainingBatch {
  /** [B, 3, H, W] */
  readonly images: Tensor;
  /** [B] */
  readonly labels: ArrayLike<number>;
}

/** Where a training gets its images from: the batch of a step depends on nothing but the step, so a training can go on anywhere. */
export interface TrainingImages {
  readonly classCount: number;
  /** Everything that batches depend on, for the identity of checkpoints. */
  readonly identity: unknown;
  /** @param step from 0 */
  batch(step: number, size: number): Promise<TrainingBatch>;
}
