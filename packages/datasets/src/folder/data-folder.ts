import type { SplitRole } from "@quee/core";
import type { RecordFile } from "../files/record-file.js";
import type { AnyImageSplit } from "../image-split.js";

/** A part of a dataset as its folder names it; `all` where it names none. */
export type DataPart = "train" | "validation" | "test" | "all";

/** Images of a folder, opened by looking at it. */
export interface DataFolder {
  readonly path: string;
  readonly layout: "cifar10" | "cifar100" | "svhn" | "images";
  readonly parts: readonly DataPart[];
  /** Reads a part for a use; image files are decoded later, one by one. Images without labels have label −1. */
  read<Role extends SplitRole>(part: DataPart, role: Role): Promise<AnyImageSplit<Role>>;
  /** Reads one file of CIFAR or SVHN, or a range of it; of images, one folder. */
  readFile<Role extends SplitRole>(file: RecordFile, role: Role): Promise<AnyImageSplit<Role>>;
}

/** What one layout knows of a folder. */
export interface Layout {
  readonly layout: DataFolder["layout"];
  readonly parts: readonly DataPart[];
  readonly read: DataFolder["read"];
  readonly readFile: DataFolder["readFile"];
}
