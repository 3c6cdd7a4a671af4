import type { SplitRole } from "@quee/core";
import type { ImageSplit } from "../image-split.js";
import { cifar100ClassNames, cifar100CoarseLabels } from "./cifar100-class-names.js";
import { type RecordOptions, readCifar } from "./read-cifar.js";
import { recordLayout } from "./record-layout.js";

export const cifar100Layout = recordLayout({
  title: "CIFAR-100",
  labels: [
    { name: "coarse label", at: 0, most: 19 },
    { name: "fine label", at: 1, most: 99 },
  ],
  classAt: 1,
  classNames: cifar100ClassNames,
  coarseLabels: cifar100CoarseLabels,
  archive: "cifar-100-binary.tar.gz",
  folder: "cifar-100-binary",
});

/** Reads CIFAR-100 in its publisher's binary layout (Krizhevsky 2009); the classes are the 100 fine ones. */
export function readCifar100<Role extends SplitRole>(options: RecordOptions<Role>): Promise<ImageSplit<Role>> {
  return readCifar("cifar100", cifar100Layout, options);
}
