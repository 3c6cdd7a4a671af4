import { randomStream } from "@quee/tensor";

/** A file in the binary layout of CIFAR-10: a label, then 3,072 bytes of noise for each image. */
export function cifarImages(count: number, seed: number): Uint8Array {
  const random = randomStream(seed, "cifar");
  return Uint8Array.from({ length: count * 3073 }, (_, i) =>
    i % 3073 === 0 ? Math.floor(i / 3073) % 10 : Math.min(255, Math.max(0, Math.round(128 + 50 * random.normal()))),
  );
}
