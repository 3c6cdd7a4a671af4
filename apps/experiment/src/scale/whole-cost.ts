import type { ElementType } from "@quee/path-tables";
import type { CollectionCost } from "./measure-collection.js";

/** Images of ImageNet in the splits of QuEE's section 7.1.3: to train gates, to choose on, to test on. */
export const imagenetSplits = { train: 1_100_000, validation: 50_000, test: 50_000 } as const;

/** What the tables of all splits take of this machine alone. */
export interface WholeCost {
  readonly images: number;
  readonly days: number;
  readonly diskBytes: Readonly<Record<ElementType, number>>;
}

/** What was measured, times as many images, on as many cores that do nothing else; preparing images from files comes on top. */
export function wholeCost({ cpuSecondsPerImage, threads, bytesPerImage }: CollectionCost, images: number): WholeCost {
  return {
    images,
    days: (images * cpuSecondsPerImage) / threads / 86_400,
    diskBytes: { float32: images * bytesPerImage.float32, float16: images * bytesPerImage.float16 },
  };
}

export const imagenetImages = Object.values(imagenetSplits).reduce((sum, count) => sum + count, 0);
