import type { Random } from "@quee/tensor";

export interface MinibatchOptions {
  /** N: indices 0 … N − 1 are dealt out. */
  readonly count: number;
  readonly batchSize: number;
  /** The order of this epoch is drawn from it when iteration begins. */
  readonly random: Random;
  /** Leaves out a last batch that is not full. Default false. */
  readonly dropLast?: boolean;
}

/** One epoch: every index once, in random order, in batches. */
export function* minibatches({ count, batchSize, random, dropLast = false }: MinibatchOptions): Iterable<Int32Array> {
  const order = random.permutation(count);
  const until = dropLast ? count - (count % batchSize) : count;
  for (let from = 0; from < until; from += batchSize) yield order.subarray(from, Math.min(from + batchSize, until));
}
