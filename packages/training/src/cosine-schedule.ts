export interface CosineSchedule {
  /** The highest learning rate. */
  readonly base: number;
  /** Steps of the whole training, the warm-up included. */
  readonly steps: number;
  /** Steps of linear rise before the fall. Default 0. */
  readonly warmup?: number;
  /** The lowest learning rate, at the end. Default 0. */
  readonly floor?: number;
}

/**
 * Learning rate of step 0, 1, …: a linear rise to `base`, then half a cosine down to `floor`, which it keeps.
 * Loshchilov and Hutter, SGDR (arXiv 1608.03983), equation 5, without restarts.
 */
export function cosineSchedule({ base, steps, warmup = 0, floor = 0 }: CosineSchedule): (step: number) => number {
  return (step) => {
    if (step < warmup) return (base * (step + 1)) / warmup;
    const done = Math.min(1, (step - warmup) / Math.max(1, steps - warmup));
    return floor + ((base - floor) * (1 + Math.cos(Math.PI * done))) / 2;
  };
}
