import { QueeError, type SplitRole } from "@quee/core";
import { randomStream } from "@quee/tensor";
import type { AnyImageSplit, ImageFileSplit, ImageSplit } from "./image-split.js";

/** The images at `indices`, in that order, for the same use. */
export function subset<Role extends SplitRole>(split: ImageSplit<Role>, indices: ArrayLike<number>): ImageSplit<Role>;
export function subset<Role extends SplitRole>(
  split: ImageFileSplit<Role>,
  indices: ArrayLike<number>,
): ImageFileSplit<Role>;
export function subset<Role extends SplitRole>(
  split: AnyImageSplit<Role>,
  indices: ArrayLike<number>,
): AnyImageSplit<Role>;
export function subset<Role extends SplitRole>(
  split: AnyImageSplit<Role>,
  indices: ArrayLike<number>,
): AnyImageSplit<Role> {
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
  const facts = { count: chosen.length, labels: Int32Array.from(chosen, (i) => split.labels[i]) };
  if ("decode" in split) {
    return { ...split, ...facts, file: (i) => split.file(chosen[i]), decode: (i) => split.decode(chosen[i]) };
  }
  return { ...split, ...facts, image: (i) => split.image(chosen[i]) };
}

/** `count` training images drawn without replacement, to find quantization scales with. PTQ4ViT, section 4.2. */
export function calibrationSubset(train: ImageSplit<"train">, count: number, seed: number): ImageSplit<"calibration">;
export function calibrationSubset(
  train: AnyImageSplit<"train">,
  count: number,
  seed: number,
): AnyImageSplit<"calibration">;
export function calibrationSubset(
  train: AnyImageSplit<"train">,
  count: number,
  seed: number,
): AnyImageSplit<"calibration"> {
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

/** `count` images drawn without replacement by a seed, in the order of the split; all of them without a count. */
export function drawSubset<Role extends SplitRole>(
  split: AnyImageSplit<Role>,
  count: number | undefined,
  seed: number,
): AnyImageSplit<Role> {
  if (count === undefined) return split;
  if (!Number.isInteger(count) || count < 1 || count > split.count) {
    throw new QueeError({
      code: "E_DRAW_COUNT",
      kind: "config",
      where: `${split.role} images`,
      expected: `1 to ${split.count}, the images of ${split.name}`,
      got: String(count),
    });
  }
  return subset(split, randomStream(seed, `draw ${split.role}`).permutation(split.count).slice(0, count).sort());
}

/** The two parts of training images of which some are kept back. */
export interface Reserved {
  readonly train: AnyImageSplit<"train">;
  readonly validation: AnyImageSplit<"validation">;
}

/**
 * Keeps `count` of the training images back for validation, drawn without replacement, and leaves the rest for training; both
 * stay in the order of the files. The paper, section 7.1.3, reserves 5,000 (CIFAR, SVHN) and 50,000 (ImageNet) this way.
 */
export function reserveValidation(all: AnyImageSplit<"train">, count: number, seed: number): Reserved {
  if (!Number.isInteger(count) || count < 1 || count >= all.count) {
    throw new QueeError({
      code: "E_RESERVE_COUNT",
      kind: "config",
      where: "validation images kept back from training",
      expected: `1 to ${all.count - 1}: ${all.name} has ${all.count}`,
      got: String(count),
    });
  }
  const order = randomStream(seed, "validation").permutation(all.count);
  return {
    train: subset(all, order.slice(count).sort()),
    validation: {
      ...subset(all, order.slice(0, count).sort()),
      role: "validation",
      name: `${all.name} (kept back for validation)`,
    },
  };
}
