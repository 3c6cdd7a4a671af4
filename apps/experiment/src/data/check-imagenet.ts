import { QueeError } from "@quee/core";
import { type DataFolder, openDataFolder } from "@quee/datasets";
import type { DataLine } from "./data-line.js";

/** Images and classes of ILSVRC 2012. */
const published = [
  { part: "train", images: 1_281_167 },
  { part: "validation", images: 50_000 },
] as const;
const classes = 1000;

/** Counts the images and classes of a folder of ImageNet; there are no published sums of single images. */
export async function checkImageNet(folder: string): Promise<readonly DataLine[]> {
  const opened = await openDataFolder(folder).catch(absent);
  return Promise.all(published.map(({ part, images }) => checkPart(opened, part, images)));
}

async function checkPart(opened: DataFolder | null, part: "train" | "validation", images: number): Promise<DataLine> {
  const split = opened?.parts.includes(part) ? await opened.read(part, part).catch(absent) : null;
  const expected = { name: part, expectedImages: images, expectedClasses: classes };
  if (split === null) {
    const facts = { ...expected, status: "missing", images: 0, classes: 0 };
    return { name: part, isGood: false, isOptional: false, text: "missing", facts };
  }
  const isGood = split.count === images && split.classCount === classes;
  const text = `${split.count.toLocaleString("en")} images in ${split.classCount} classes`;
  const wanted = isGood ? "" : ` instead of ${images.toLocaleString("en")} in ${classes}`;
  const status = isGood ? "good" : "wrong count";
  const facts = { ...expected, status, images: split.count, classes: split.classCount };
  return { name: part, isGood, isOptional: false, text: text + wanted, facts };
}

/** Nothing there is an answer; anything else that is wrong is an error. */
function absent(error: unknown): null {
  if (error instanceof QueeError && ["E_DATA_MISSING", "E_DATA_LAYOUT", "E_DATA_EMPTY"].includes(error.code))
    return null;
  throw error;
}
