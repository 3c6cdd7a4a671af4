import { existsSync, readdirSync } from "node:fs";
import { QueeError, type SplitRole, show } from "@quee/core";
import { calibrationSubset, type ImageSplit, readCifar10, subset } from "@quee/datasets";

/** Labelled images to choose scales on, and others of the same kind to look at the result with. */
export interface DrawnImages {
  readonly calibration: ImageSplit<"calibration">;
  /** None of them is a calibration image; empty where there are no more. */
  readonly held: ImageSplit<"calibration">;
}

/**
 * Opens the images of a folder, or of one of its files: `data_batch_1.bin`, or `data_batch_5.bin:5000+5000` for records 5,000 to
 * 9,999. All training images where no file is named.
 */
export function openImages<Role extends SplitRole>(
  folder: string,
  range: string | undefined,
  role: Role,
): Promise<ImageSplit<Role>> {
  return readCifar10({ root: folder, files: range === undefined ? trainingFiles(folder) : [parseRange(range)], role });
}

/** `count` images for calibration and `held` others, drawn by a seed without replacement. */
export function drawImages(images: ImageSplit<"train">, count: number, held: number, seed: number): DrawnImages {
  const drawn = calibrationSubset(images, Math.min(Math.max(count, 1) + held, images.count), seed);
  // The same images are drawn first however many follow.
  const part = (from: number, until: number) => subset(drawn, range(from, Math.min(until, drawn.count)));
  if (count > images.count) calibrationSubset(images, count, seed);
  return { calibration: part(0, count), held: part(count, count + held) };
}

function trainingFiles(folder: string) {
  const all = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`);
  const found = existsSync(folder) ? readdirSync(folder) : [];
  const there = all.filter((file) => found.includes(file));
  return (there.length === 0 ? all : there).map((file) => ({ file }));
}

function parseRange(range: string) {
  const [, file = "", from, count] = /^([^:]+)(?::(\d+)\+(\d+))?$/.exec(range) ?? [];
  if (file === "") {
    throw new QueeError({
      code: "E_IMAGE_RANGE",
      kind: "usage",
      where: "images",
      expected: "a file, or file:from+count",
      got: show(range),
    });
  }
  return from === undefined ? { file } : { file, from: Number(from), count: Number(count) };
}

function range(from: number, until: number): Int32Array {
  return Int32Array.from({ length: Math.max(0, until - from) }, (_, i) => from + i);
}
