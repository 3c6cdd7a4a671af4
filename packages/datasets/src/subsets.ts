import { QueeError, type SplitRole } from "@quee/core";
import { randomStream } from "@quee/tensor";
import type { ImageSplit } from "./image-split.js";

/** The images at `indices`, in that order, for the same use. */
export function subset<Role extends SplitRole>(split: ImageSplit<Role>, indices: ArrayLike<number>): ImageSplit<Role> {
  const chosen = Int32Array.from(indices);
  for (const [place, i] of chosen.entries()) {
    if (i >= 0 && i < split.count) continue;
    throw new QueeError({
      code: "E_SUBSET",
      kind: "internal",
      where: `${split.name}: indices[${place}]`,
      expected: `0 to ${split.count - 1}`,
      got: String(i),
    });
  }
  return {
    ...split,
    count: chosen.length,
    labels: Int32Array.from(chosen, (i) => split.labels[i]),
    image: (i) => split.image(chosen[i]),
  };
}

/** `count` training images drawn without replacement, to find quantization scales with. PTQ4ViT, section 4.2. */
export function calibrationSubset(train: ImageSplit<"train">, count: number, seed: number): ImageSplit<"calibration"> {
  if (!Number.isInteger(count) || count < 1 || count > train.count) {
    throw new QueeError({
      code: "E_CALIBRATION_COUNT",
      kind: "config",
      where: "calibration images",
      expected: `1 to ${train.count}, the images of ${train.name}`,
      got: String(count),
    });
  }
  const drawn = subset(train, randomStream(seed, "calibration").permutation(train.count).subarray(0, count));
  return { ...drawn, role: "calibration", name: `${train.name} (calibration)` };
}
