import { QueeError, type SplitRole, show } from "@quee/core";
import { type AnyImageSplit, calibrationSubset, openDataFolder, subset, trainingPart } from "@quee/datasets";
import { digestOf, digestOfFiles } from "../data/digests.js";

/** Labelled images to choose scales on, and others of the same kind to look at the result with. */
export interface DrawnImages {
  readonly calibration: AnyImageSplit<"calibration">;
  /** None of them is a calibration image; empty where there are no more. */
  readonly held: AnyImageSplit<"calibration">;
}

/**
 * Opens the images of a folder by looking at it: CIFAR-10, CIFAR-100, SVHN, ImageNet, or images in a folder per class or in one.
 * @param part of the publisher's layouts a file, or `file:from+count` for some of its records; of folders of images a folder in it.
 * All training images where none is named
 */
export async function openImages<Role extends SplitRole>(
  folder: string,
  part: string | undefined,
  role: Role,
): Promise<AnyImageSplit<Role>> {
  const opened = await openDataFolder(folder);
  return part === undefined ? opened.read(trainingPart(opened), role) : opened.readFile(rangeOf(part), role);
}

/** `count` images for calibration and `held` others, drawn by a seed without replacement. */
export function drawImages(images: AnyImageSplit<"train">, count: number, held: number, seed: number): DrawnImages {
  const calibration = calibrationSubset(images, count, seed);
  // However many are drawn, the same come first.
  const all = calibrationSubset(images, Math.min(count + held, images.count), seed);
  const rest = Int32Array.from({ length: all.count - count }, (_, i) => count + i);
  return { calibration, held: subset(all, rest) };
}

/** Stands for images in the keys of results. */
export async function digestOfImages(split: AnyImageSplit<SplitRole>): Promise<string> {
  return "decode" in split ? digestOfFiles(split) : digestOf(split);
}

function rangeOf(part: string) {
  const [, file = "", from, count] = /^([^:]+)(?::(\d+)\+(\d+))?$/.exec(part) ?? [];
  if (file === "") {
    throw new QueeError({
      code: "E_IMAGE_RANGE",
      kind: "usage",
      where: "images",
      expected: "a file, or file:from+count",
      got: show(part),
    });
  }
  return from === undefined ? { file } : { file, from: Number(from), count: Number(count) };
}
