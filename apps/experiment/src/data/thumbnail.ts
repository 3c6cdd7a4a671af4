import type { SplitRole } from "@quee/core";
import { type AnyImageSplit, imageOf, parsePreprocessorConfig, preprocessor, subset } from "@quee/datasets";
import { imageDataUri } from "@quee/report";

/** Shorter edges of images that are shown. */
const largestEdge = 64;

const shrink = preprocessor(
  parsePreprocessorConfig({
    do_resize: true,
    size: { shortest_edge: largestEdge },
    resample: 4,
    do_rescale: false,
    do_normalize: false,
  }),
);

/** An image for people to look at, as a `data:` URI; photographs are shown small. */
export async function thumbnail(split: AnyImageSplit<SplitRole>, id: number): Promise<string> {
  const { height, width, pixels } = await imageOf(split, id);
  if (Math.min(height, width) <= largestEdge) return imageDataUri(pixels, width, height);
  const { shape, data } = await shrink(subset(split, [id]), [0]);
  return imageDataUri(data, shape[3] ?? 0, shape[2] ?? 0);
}
