export interface Best<Kept> {
  readonly epoch: number;
  readonly loss: number;
  readonly kept: Kept;
}

export interface EarlyStopping<Kept> {
  /**
   * Tells the validation loss after an epoch, with what to keep if it is the lowest so far.
   * @returns true when training should stop: `patience` epochs in a row were no better than the best
   */
  observe(loss: number, keep: () => Kept): boolean;
  /** The epoch (from 0) with the lowest loss; null before one with a finite loss. */
  best(): Best<Kept> | null;
}

/** Prechelt, Early stopping – but when?, the rule "successive epochs without improvement". Ties count as no improvement. */
export function earlyStopping<Kept>({ patience }: { readonly patience: number }): EarlyStopping<Kept> {
  let best: Best<Kept> | null = null;
  let epoch = -1;
  let waited = 0;
  return {
    observe(loss, keep) {
      epoch++;
      if (Number.isFinite(loss) && (best === null || loss < best.loss)) {
        best = { epoch, loss, kept: keep() };
        waited = 0;
      } else {
        waited++;
      }
      return waited >= patience;
    },
    best: () => best,
  };
}
