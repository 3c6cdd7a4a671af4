import { QueeError } from "@quee/core";
import { randomStream } from "@quee/tensor";

/** Deals samples out to folds of nearly one size; each sample is in one fold, and the numbers of a fold rise. */
export function dealFolds(count: number, foldCount: number, seed: number): readonly Int32Array[] {
  if (!Number.isInteger(foldCount) || foldCount < 2 || foldCount > count) {
    throw new QueeError({
      code: "E_FOLDS",
      kind: "config",
      where: "folds",
      expected: `2 … ${count}, the number of samples`,
      got: String(foldCount),
    });
  }
  const order = randomStream(seed, "folds").permutation(count);
  return Array.from({ length: foldCount }, (_, fold) => order.filter((_, i) => i % foldCount === fold).sort());
}
