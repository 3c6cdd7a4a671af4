import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { attempt, invalidData } from "../files/data-errors.js";
import { sortedByCodePoint } from "./code-points.js";

/** The class of each image of a folder without class folders, by its file name. */
export type FlatLabels = ReadonlyMap<string, string>;

const synset = /^n\d{8}$/;

/**
 * Labels of ImageNet's validation images where they lie in one folder: in the names (`…_n01440764.JPEG`), in Kaggle's
 * `LOC_val_solution.csv`, or in Caffe's `val.txt`, whose numbers count the sorted classes. null where there is none of these.
 * @param places  folders to look for those files in
 */
export async function flatLabels(
  images: readonly string[],
  places: readonly string[],
  classNames: readonly string[] | null,
): Promise<FlatLabels | null> {
  const named = images.map((image) => /_(n\d{8})\.\w+$/.exec(image)?.[1]);
  if (images.length > 0 && named.every((name) => name !== undefined)) {
    return new Map(images.map((image, i) => [image, named[i] as string]));
  }
  for (const place of places) {
    const kaggle = await linesOf(join(place, "LOC_val_solution.csv"));
    if (kaggle !== null) return fromKaggle(kaggle, images);
    const caffe = await linesOf(join(place, "val.txt"));
    if (caffe !== null && classNames !== null) return fromCaffe(join(place, "val.txt"), caffe, classNames);
  }
  return null;
}

/** The classes of labels, in their order. */
export function classesOf(labels: FlatLabels): string[] {
  return sortedByCodePoint([...new Set(labels.values())]);
}

/** `ILSVRC2012_val_00000001,n01751748 111 108 230 …` */
function fromKaggle(lines: readonly string[], images: readonly string[]): FlatLabels {
  const byStem = new Map(lines.map((line) => [line.split(",")[0], /,(\S+)/.exec(line)?.[1]] as const));
  const labels = new Map<string, string>();
  for (const image of images) {
    const name = byStem.get(image.replace(/\.\w+$/, ""));
    if (name !== undefined && synset.test(name)) labels.set(image, name);
  }
  return labels;
}

/** `ILSVRC2012_val_00000001.JPEG 65` */
function fromCaffe(file: string, lines: readonly string[], classNames: readonly string[]): FlatLabels {
  const labels = new Map<string, string>();
  for (const [i, line] of lines.entries()) {
    const [path = "", number = ""] = line.split(/\s+/);
    const name = /^\d+$/.test(number) ? classNames[Number(number)] : undefined;
    if (name === undefined) {
      throw invalidData({
        code: "E_DATA_LABEL",
        file,
        where: `line ${i + 1}`,
        expected: `a file name and a number from 0 to ${classNames.length - 1}`,
        got: JSON.stringify(line.slice(0, 80)),
      });
    }
    labels.set(basename(path), name);
  }
  return labels;
}

async function linesOf(file: string): Promise<readonly string[] | null> {
  const text = await attempt(file, () =>
    readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    }),
  );
  return text === null ? null : text.split(/\r?\n/).filter((line) => line !== "");
}
