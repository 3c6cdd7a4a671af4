import { join } from "node:path";
import type { SplitRole } from "@quee/core";
import { inside } from "../files/inside.js";
import { checkRecordFiles, type RecordFile } from "../files/record-file.js";
import type { ImageSplit } from "../image-split.js";
import { readSvhnFile } from "./svhn-file.js";

export interface SvhnOptions<Role extends SplitRole> {
  /** Folder of `train_32x32.mat`, `test_32x32.mat`, `extra_32x32.mat`. */
  readonly root: string;
  /** Files and, of each, the range of images. */
  readonly files: readonly RecordFile[];
  readonly role: Role;
}

export const svhnClassNames: readonly string[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/**
 * Reads SVHN in its publisher's cropped-digits format (Netzer et al. 2011): MATLAB files with `X` [32, 32, 3, N] and `y`
 * [N, 1], where the digit 0 has label 10. Files are unpacked as a stream; only the images asked for are kept.
 */
export async function readSvhn<Role extends SplitRole>({
  root,
  files,
  role,
}: SvhnOptions<Role>): Promise<ImageSplit<Role>> {
  checkRecordFiles(files);
  const parts = [];
  for (const range of files) parts.push(await readSvhnFile(join(root, inside(range.file)), range));
  const images = parts.flatMap(({ images }) => images);
  return {
    name: `svhn ${role}`,
    role,
    count: images.length,
    classCount: 10,
    imageShape: [3, 32, 32],
    classNames: svhnClassNames,
    labels: Int32Array.from(parts.flatMap(({ labels }) => [...labels])),
    image: (i) => images[i],
  };
}
