import { statSync } from "node:fs";
import { isAbsolute, join, normalize, sep } from "node:path";
import { QueeError, type SplitRole } from "@quee/core";
import { z } from "zod";
import type { ImageSplit } from "../image-split.js";
import { attempt, readRecords } from "./read-records.js";

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

const pixelBytes = 3 * 32 * 32;
/** One byte of label, then the planes R, G, B. */
const recordBytes = 1 + pixelBytes;

/** A batch file and the records of it that belong to a split. For configs. */
export const recordFileSchema = z.strictObject({
  /** Path under the folder of the dataset. */
  file: z.string().min(1),
  /** First record. Default 0. */
  from: z.int().min(0).optional(),
  /** Number of records. Default: to the end of the file. */
  count: z.int().min(1).optional(),
});
export type RecordFile = z.infer<typeof recordFileSchema>;

export interface Cifar10Options<Role extends SplitRole> {
  /** Folder of the batch files of the "binary version". */
  readonly root: string;
  readonly files: readonly RecordFile[];
  readonly role: Role;
}

/** Reads CIFAR-10 in its publisher's binary layout (Krizhevsky 2009): only the records asked for. */
export function readCifar10<Role extends SplitRole>(options: Cifar10Options<Role>): ImageSplit<Role> {
  const { root, files, role } = options;
  checkRanges(files);
  checkFolder(root);
  const parts: Uint8Array[] = [];
  for (const { file, from = 0, count } of files) {
    const path = join(root, inside(file));
    const records = readRecords(path, { from, count }, { recordBytes, name: "CIFAR-10" });
    checkLabels(path, from, records);
    parts.push(records);
  }
  const images = parts.flatMap((records) =>
    Array.from({ length: records.length / recordBytes }, (_, i) =>
      records.subarray(i * recordBytes, (i + 1) * recordBytes),
    ),
  );
  return {
    name: `cifar10 ${role}`,
    role,
    count: images.length,
    classCount: 10,
    imageShape: [3, 32, 32],
    classNames: cifar10ClassNames,
    labels: Int32Array.from(images, (record) => record[0]),
    image: (i) => images[i].subarray(1),
  };
}

function checkRanges(files: readonly RecordFile[]): void {
  if (files.length === 0) {
    throw new QueeError({ code: "E_DATA_FILES", kind: "config", where: "files", expected: "a file", got: "none" });
  }
  for (const [i, { file, from = 0, count = Number.POSITIVE_INFINITY }] of files.entries()) {
    for (const earlier of files.slice(0, i)) {
      const earlierFrom = earlier.from ?? 0;
      const isApart = from >= earlierFrom + (earlier.count ?? Number.POSITIVE_INFINITY) || from + count <= earlierFrom;
      if (normalize(earlier.file) !== normalize(file) || isApart) continue;
      throw new QueeError({
        code: "E_DATA_TWICE",
        kind: "config",
        where: `files[${i}]`,
        expected: "every record once",
        got: `records of ${file} that an earlier entry also names`,
      });
    }
  }
}

/** Where links lead is the owner's business; what a config names must lie under the data folder. */
function inside(file: string): string {
  const path = normalize(file);
  const leaves = isAbsolute(path) || path === ".." || path.startsWith(`..${sep}`) || path.includes("\0");
  if (!leaves) return path;
  throw new QueeError({
    code: "E_DATA_PATH",
    kind: "config",
    where: "files",
    expected: "a path inside the folder of the dataset",
    got: JSON.stringify(file),
  });
}

function checkFolder(root: string): void {
  const facts = attempt(root, () => statSync(root, { throwIfNoEntry: false }));
  if (!facts?.isDirectory()) throw missingFolder(root, facts === undefined ? "nothing there" : "a file");
}

function missingFolder(root: string, got: string): QueeError {
  return new QueeError({
    code: "E_DATA_MISSING",
    kind: "input",
    file: root,
    expected: "a folder with the batch files of CIFAR-10 (binary version)",
    got,
    hint: "Put them there, or name another data folder",
  });
}

function checkLabels(file: string, from: number, records: Uint8Array): void {
  for (let at = 0; at < records.length; at += recordBytes) {
    if (records[at] <= 9) continue;
    const record = from + at / recordBytes;
    throw new QueeError({
      code: "E_DATA_LABEL",
      kind: "input",
      file,
      where: `record ${record} (byte ${record * recordBytes})`,
      expected: "a label from 0 to 9",
      got: String(records[at]),
      hint: "It is damaged or not CIFAR-10",
    });
  }
}
