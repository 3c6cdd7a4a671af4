import { normalize } from "node:path";
import { QueeError } from "@quee/core";
import { z } from "zod";

/** A file of a dataset and the records (images) of it that belong to a split. For configs. */
export const recordFileSchema = z.strictObject({
  /** Path under the folder of the dataset. */
  file: z.string().min(1),
  /** First record. Default 0. */
  from: z.int().min(0).optional(),
  /** Number of records. Default: to the end of the file. */
  count: z.int().min(1).optional(),
});
export type RecordFile = z.infer<typeof recordFileSchema>;

/** Refuses no files at all, and records that two entries name. */
export function checkRecordFiles(files: readonly RecordFile[]): void {
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

/** First record and number of records of a range, checked against what a file has. */
export function rangeWithin(file: string, { from = 0, count }: RecordFile, records: number) {
  const taken = count ?? records - from;
  if (taken >= 1 && from + taken <= records) return { from, count: taken };
  throw new QueeError({
    code: "E_DATA_RANGE",
    kind: "input",
    file,
    where: "range of records",
    expected: `a range within its ${records} records`,
    got: count === undefined ? `from ${from}` : `from ${from}, count ${count}`,
  });
}
