import { existsSync, readdirSync } from "node:fs";
import { QueeError, type SplitRole, show } from "@quee/core";
import {
  type AnyImageSplit,
  calibrationSubset,
  readCifar10,
  readCifar100,
  readImageFolder,
  readSvhn,
  subset,
} from "@quee/datasets";
import { digestOf, digestOfFiles } from "../data/digests.js";

/** Labelled images to choose scales on, and others of the same kind to look at the result with. */
export interface DrawnImages {
  readonly calibration: AnyImageSplit<"calibration">;
  /** None of them is a calibration image; empty where there are no more. */
  readonly held: AnyImageSplit<"calibration">;
}

/** Files of labelled records that a publisher offers, and how they are known. */
const recordLayouts = [
  {
    read: readCifar10,
    marks: ["data_batch_1.bin", "cifar-10-binary.tar.gz", "cifar-10-batches-bin"],
    training: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
  },
  { read: readCifar100, marks: ["train.bin", "cifar-100-binary.tar.gz", "cifar-100-binary"], training: ["train.bin"] },
  { read: readSvhn, marks: ["train_32x32.mat"], training: ["train_32x32.mat"] },
] as const;

/**
 * Opens the images of a folder: CIFAR-10, CIFAR-100 or SVHN as their publishers lay them out, or folders of images, one per class.
 * @param part of the publisher's layouts a file, or `file:from+count` for some of its records; of folders of images a folder in it.
 * All training images where none is named
 */
export async function openImages<Role extends SplitRole>(
  folder: string,
  part: string | undefined,
  role: Role,
): Promise<AnyImageSplit<Role>> {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const layout = recordLayouts.find(({ marks, training }) =>
    [...marks, ...training].some((name) => names.includes(name)),
  );
  if (layout === undefined)
    return readImageFolder({ root: folder, role, ...(part === undefined ? {} : { folder: part }) });
  const { read, training } = layout;
  const there = training.filter((file) => names.includes(file));
  const all = (there.length === 0 ? training : there).map((file) => ({ file }));
  return read({ root: folder, files: part === undefined ? all : [rangeOf(part)], role });
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
