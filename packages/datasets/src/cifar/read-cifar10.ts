import type { SplitRole } from "@quee/core";
import type { ImageSplit } from "../image-split.js";
import { type RecordOptions, readCifar } from "./read-cifar.js";
import { recordLayout } from "./record-layout.js";

export const cifar10ClassNames: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

export const cifar10Layout = recordLayout({
  title: "CIFAR-10",
  labels: [{ name: "label", at: 0, most: 9 }],
  classAt: 0,
  classNames: cifar10ClassNames,
  archive: "cifar-10-binary.tar.gz",
  folder: "cifar-10-batches-bin",
});

/** Reads CIFAR-10 in its publisher's binary layout (Krizhevsky 2009). */
export function readCifar10<Role extends SplitRole>(options: RecordOptions<Role>): Promise<ImageSplit<Role>> {
  return readCifar("cifar10", cifar10Layout, options);
}
