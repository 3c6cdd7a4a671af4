import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { SplitRole } from "@quee/core";
import { cifar10Layout, readCifar10 } from "../cifar/read-cifar10.js";
import { cifar100Layout, readCifar100 } from "../cifar/read-cifar100.js";
import type { RecordLayout } from "../cifar/record-layout.js";
import type { RecordFile } from "../files/record-file.js";
import type { AnyImageSplit } from "../image-split.js";
import { readSvhn } from "../svhn/read-svhn.js";
import type { DataPart, Layout } from "./data-folder.js";

/** File names of the parts, as a folder has them or as an archive is known to have them. */
type PartFiles = Readonly<Partial<Record<DataPart, readonly string[]>>>;

/** @param names  what lies in `root`, or the one file that was named */
export function openCifar10(root: string, names: readonly string[]): Layout | null {
  const isPacked = names.includes(cifar10Layout.archive) || names.includes(cifar10Layout.folder);
  const files = isPacked
    ? { train: [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`), test: ["test_batch.bin"] }
    : { train: matching(names, /^data_batch_[1-5]\.bin$/), test: matching(names, /^test_batch\.bin$/) };
  return layoutOf("cifar10", files, (chosen, role) => readCifar10({ root, files: chosen, role }));
}

export function openCifar100(root: string, names: readonly string[]): Layout | null {
  const isPacked = names.includes(cifar100Layout.archive) || names.includes(cifar100Layout.folder);
  const files = isPacked
    ? { train: ["train.bin"], test: ["test.bin"] }
    : { train: matching(names, /^train\.bin$/), test: matching(names, /^test\.bin$/) };
  return layoutOf("cifar100", files, (chosen, role) => readCifar100({ root, files: chosen, role }));
}

export function openSvhn(root: string, names: readonly string[]): Layout | null {
  const files = { train: matching(names, /train_32x32\.mat$/), test: matching(names, /test_32x32\.mat$/) };
  return layoutOf("svhn", files, (chosen, role) => readSvhn({ root, files: chosen, role }));
}

/** Records of CIFAR under other names, known by their size: files with "test" or "val" in their names are those parts. */
export async function openRecordsBySize(root: string, names: readonly string[]): Promise<Layout | null> {
  const found = names.filter((name) => name.endsWith(".bin")).sort();
  const sizes = await Promise.all(found.map(async (name) => (await stat(join(root, name))).size));
  const fits = ({ recordBytes }: RecordLayout) =>
    sizes.length > 0 && sizes.every((size) => size > 0 && size % recordBytes === 0);
  // As many bytes as both kinds of records may have: nothing is guessed.
  if (fits(cifar10Layout) === fits(cifar100Layout)) return null;
  const [name, read] = fits(cifar10Layout)
    ? (["cifar10", readCifar10] as const)
    : (["cifar100", readCifar100] as const);
  const files = {
    train: found.filter((file) => !/test|val/i.test(file)),
    validation: found.filter((file) => /val/i.test(file)),
    test: found.filter((file) => /test/i.test(file) && !/val/i.test(file)),
  };
  return layoutOf(name, files, (chosen, role) => read({ root, files: chosen, role }));
}

function matching(names: readonly string[], pattern: RegExp): readonly string[] {
  return names.filter((name) => pattern.test(name)).sort();
}

type ReadFiles = <Role extends SplitRole>(files: readonly RecordFile[], role: Role) => Promise<AnyImageSplit<Role>>;

function layoutOf(layout: Layout["layout"], files: PartFiles, readFiles: ReadFiles): Layout | null {
  const parts = (["train", "validation", "test"] as const).filter((part) => (files[part] ?? []).length > 0);
  if (parts.length === 0) return null;
  return {
    layout,
    parts,
    read: (part, role) =>
      readFiles(
        (files[part] ?? []).map((file) => ({ file })),
        role,
      ),
    readFile: (file, role) => readFiles([file], role),
  };
}
