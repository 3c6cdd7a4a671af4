import { QueeError, type SplitRole } from "@quee/core";
import { type AnyImageSplit, preprocessor } from "@quee/datasets";
import type { Tensor } from "@quee/tensor";
import type { Model } from "./model.js";

/** Images that go through the network together. Fixed, since sums in another order round differently. */
const batchSize = 32;

/** Images as they go into the network, a few at a time. */
export async function* preparedBatches(
  { file, anatomy, preprocessing }: Pick<Model, "file" | "anatomy" | "preprocessing">,
  split: AnyImageSplit<SplitRole>,
): AsyncGenerator<Tensor> {
  const prepare = preprocessor(preprocessing);
  for (let from = 0; from < split.count; from += batchSize) {
    const size = Math.min(batchSize, split.count - from);
    const indices = Int32Array.from({ length: size }, (_, i) => from + i);
    const batch = await prepare(split, indices);
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
}

/** All of them, where passes go over them again and again. */
export async function allBatches(...arguments_: Parameters<typeof preparedBatches>): Promise<readonly Tensor[]> {
  const batches: Tensor[] = [];
  for await (const batch of preparedBatches(...arguments_)) batches.push(batch);
  return batches;
}
