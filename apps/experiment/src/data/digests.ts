import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { sha256 } from "@quee/artifacts";
import type { SplitRole } from "@quee/core";
import type { ImageFileSplit, ImageSplit } from "@quee/datasets";

/** Stands for the pixels and labels of a split. */
export function digestOf(split: ImageSplit<SplitRole>): string {
  const [channels, height, width] = split.imageShape;
  const size = channels * height * width;
  const all = new Uint8Array(split.count * (size + 1));
  for (let i = 0; i < split.count; i++) {
    all[i * (size + 1)] = split.labels[i] ?? 0;
    all.set(split.image(i), i * (size + 1) + 1);
  }
  return sha256(all);
}

/** Files whose facts are asked for at a time. */
const askedAtOnce = 256;

/**
 * Stands for the files and labels of a split: their paths, sizes and times of change. Reading all bytes of ImageNet would take
 * longer than many a stage.
 */
export async function digestOfFiles(split: ImageFileSplit<SplitRole>): Promise<string> {
  const hash = createHash("sha256");
  for (let from = 0; from < split.count; from += askedAtOnce) {
    const places = Array.from({ length: Math.min(askedAtOnce, split.count - from) }, (_, i) => from + i);
    const facts = await Promise.all(places.map((i) => stat(split.file(i)).catch(() => null)));
    for (const [k, i] of places.entries()) {
      hash.update(`${split.file(i)}\0${split.labels[i]}\0${facts[k]?.size ?? "gone"}\0${facts[k]?.mtimeMs ?? ""}\n`);
    }
  }
  return hash.digest("hex");
}
