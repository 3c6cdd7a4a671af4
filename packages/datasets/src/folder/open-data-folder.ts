import { readdir, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { QueeError } from "@quee/core";
import { attempt, invalidData } from "../files/data-errors.js";
import type { Orientation } from "../images/decode-image.js";
import type { DataFolder, DataPart } from "./data-folder.js";
import { openImages } from "./image-layout.js";
import { openCifar10, openCifar100, openRecordsBySize, openSvhn } from "./record-layouts.js";

/**
 * Opens a folder (or one file or archive) of CIFAR-10, CIFAR-100, SVHN, ImageNet or any images by looking at it: images may
 * lie in class folders or not, under `train`, `val` and `test` or not. Nothing is read or decoded yet.
 */
export async function openDataFolder(path: string, { orientation = "exif" as Orientation } = {}): Promise<DataFolder> {
  const isFolder = (await attempt(path, () => stat(path))).isDirectory();
  const names = isFolder ? await attempt(path, () => readdir(path)) : [basename(path)];
  const root = isFolder || path.endsWith(".tar.gz") ? path : dirname(path);
  const layout =
    openCifar10(root, names) ??
    openCifar100(root, names) ??
    openSvhn(root, names) ??
    (await openRecordsBySize(root, names)) ??
    (isFolder ? await openImages(root, orientation) : null);
  if (layout === null) throw unknownLayout(path, names);
  return {
    ...layout,
    path,
    async read(part, role) {
      if (layout.parts.includes(part)) return layout.read(part, role);
      throw invalidData({ code: "E_DATA_PART", file: path, expected: layout.parts.join(" or "), got: part });
    },
  };
}

/**
 * The part of a folder that may shape a network: its training part, or all images where it names no parts, or else its
 * validation part; never its test part.
 */
export function trainingPart({ path, parts }: DataFolder): DataPart {
  const part = (["train", "all", "validation"] as const).find((known) => parts.includes(known));
  if (part !== undefined) return part;
  throw new QueeError({
    code: "E_DATA_ONLY_TEST",
    kind: "input",
    file: path,
    expected: "training images",
    got: `only ${parts.join(", ")}`,
    hint: "What a network is tested on must not shape it",
  });
}

function unknownLayout(path: string, names: readonly string[]) {
  const isPythonCifar = names.some((name) => /^(data_batch_1|cifar-100?-(batches-py|python)(\.tar\.gz)?)$/.test(name));
  const some = names.slice(0, 5).join(", ") + (names.length > 5 ? ", …" : "");
  return invalidData({
    code: "E_DATA_LAYOUT",
    file: path,
    expected:
      "CIFAR-10 or CIFAR-100 (binary version or its archive), SVHN (train_32x32.mat, test_32x32.mat), or JPEG, PNG or WebP " +
      "images, in a folder for each class or in one",
    got: names.length === 0 ? "an empty folder" : some,
    ...(isPythonCifar && {
      hint: 'This is the "python version" of CIFAR; pickles are never opened. Get the "binary version"',
    }),
  });
}
