import type { Path } from "@quee/core";
import { argmaxRows } from "@quee/tensor";
import { type Answering, rowsInRuns } from "./rows-in-runs.js";
import type { PathTable } from "./table.js";

/** The most probable class at the end of `path`, the lowest of equals, [N] */
export function answersAlong(table: Answering, path: Path): Int32Array {
  const answers = new Int32Array(table.count);
  for (const { from, rows } of rowsInRuns(table, path)) answers.set(argmaxRows(rows), from);
  return answers;
}

/** 1 where the answer at the end of `path` is the label, [N] */
export function correctAlong(table: Answering & Pick<PathTable, "labels">, path: Path): Uint8Array {
  return Uint8Array.from(answersAlong(table, path), (answer, i) => (answer === table.labels[i] ? 1 : 0));
}
