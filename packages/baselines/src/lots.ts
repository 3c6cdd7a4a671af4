import type { GateView } from "@quee/core";
import { type Random, randomStream } from "@quee/tensor";

/**
 * A stream of random numbers for each image of a view. Behind an exit it depends on the bits of the image's own probabilities
 * there, so neither on the order of the images nor on how they are batched; before block 1 nothing is known of an image, and
 * its place in the view decides.
 */
export function* lotsOf(
  { prefix, count, classCount, history }: GateView,
  seed: number,
  name: string,
): Generator<Random> {
  const newest = history.at(-1);
  const streamOf = (own: string) => randomStream(seed, `${name} ${prefix.length} ${own}`);
  for (let i = 0; i < count; i++) {
    yield streamOf(newest === undefined ? `place ${i}` : bitsOf(newest.subarray(i * classCount, (i + 1) * classCount)));
  }
}

/** The bits of the values, as text. */
function bitsOf(values: Float32Array): string {
  return new Uint32Array(values.slice().buffer).join(",");
}
