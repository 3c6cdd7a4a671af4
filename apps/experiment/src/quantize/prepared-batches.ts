import { QueeError, type SplitRole } from "@quee/core";
import { type ImageSplit, preprocessor } from "@quee/datasets";
import type { Tensor } from "@quee/tensor";
import type { Model } from "./model.js";

/** Images as they go into the network, a few at a time, asked for anew at each pass. */
export function preparedBatches(
  { file, anatomy, preprocessing }: Pick<Model, "file" | "anatomy" | "preprocessing">,
  split: ImageSplit<SplitRole>,
  size: number,
): () => Generator<Tensor> {
  const prepare = preprocessor(preprocessing);
  return function* batches() {
    for (let from = 0; from < split.count; from += size) {
      const batch = prepare(
        split,
        Int32Array.from({ length: Math.min(size, split.count - from) }, (_, i) => from + i),
      );
      const got = batch.shape.slice(1);
      if (got.join() !== anatomy.imageShape.join()) {
        throw new QueeError({
          code: "E_IMAGE_SIZE",
          kind: "input",
          file,
          where: `input "${anatomy.input}"`,
          expected: `images of [${anatomy.imageShape.join(", ")}]`,
          got: `[${got.join(", ")}] after preprocessing`,
        });
      }
      yield batch;
    }
  };
}
