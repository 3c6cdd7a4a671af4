import { type Image, jpegRoundTrip } from "@quee/datasets";
import { type Random, randomStream } from "@quee/tensor";
import { blurPlanes } from "./blur.js";
import type { CorruptionKind } from "./kinds.js";

/** Raised when the same image would come out otherwise. */
export const corruptionVersion = 1;

type Corrupt = (image: Image, strength: number, random: () => Random) => Image | Promise<Image>;

const at = (values: readonly number[], strength: number) => values[strength - 1] ?? 0;

/**
 * Five grades of each, after the corruptions of Hendrycks and Dietterich (arXiv 1903.12261), section 3, in our own numbers: the
 * first is hardly seen, the last leaves an image that people still recognise.
 */
const kinds: { readonly [Kind in CorruptionKind]: Corrupt } = {
  // Gaussian, standard deviation as a fraction of white.
  noise: (image, strength, random) => {
    const deviation = 255 * at([0.04, 0.06, 0.08, 0.12, 0.18], strength);
    const stream = random();
    return withPixels(image, (value) => value + deviation * stream.normal());
  },
  // Gaussian, in pixels of an image of 32.
  blur: (image, strength) => {
    const deviation = (at([0.4, 0.6, 0.8, 1.1, 1.5], strength) * Math.min(image.height, image.width)) / 32;
    return { ...image, pixels: blurPlanes(image, deviation) };
  },
  // Towards the mean of the whole image.
  contrast: (image, strength) => {
    const kept = at([0.75, 0.5, 0.4, 0.3, 0.15], strength);
    const mean = image.pixels.reduce((sum, value) => sum + value, 0) / image.pixels.length;
    return withPixels(image, (value) => mean + kept * (value - mean));
  },
  // Every channel lighter, as a fraction of white.
  brightness: (image, strength) => {
    const added = 255 * at([0.05, 0.1, 0.15, 0.2, 0.3], strength);
    return withPixels(image, (value) => value + added);
  },
  jpeg: (image, strength) => jpegRoundTrip(image, at([50, 35, 25, 15, 8], strength)),
};

/**
 * An image as it might come instead. @param strength 1 … 5
 * @param name names the image within its split: with the seed it draws the noise
 */
export async function corrupt(
  image: Image,
  { kind, strength, seed, name }: { kind: CorruptionKind; strength: number; seed: number; name: string },
): Promise<Image> {
  return kinds[kind](image, strength, () => randomStream(seed, `${kind} ${strength} ${name}`));
}

/** Rounded and cut to bytes. */
function withPixels({ height, width, pixels }: Image, change: (value: number) => number): Image {
  return { height, width, pixels: Uint8Array.from(Uint8ClampedArray.from(pixels, (value) => change(value))) };
}
