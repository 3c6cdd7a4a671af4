import type { Path } from "@quee/core";
import { type Tensor, tensor } from "@quee/tensor";
import { rowsOf } from "./rows.js";
import { samplesOf } from "./sample-runs.js";
import type { PathTable } from "./table.js";

/** What `rowsInRuns` reads. */
export type Answering = Pick<PathTable, "count" | "classCount" | "probabilities" | "rows" | "runs">;

/** p̂ of samples that lie together. */
export interface RowsOfRun {
  /** The first of them. */
  readonly from: number;
  /** [n, K] */
  readonly rows: Tensor;
}

/** p̂_π of all samples, in order: run by run of a table in files, so that no path of it is held whole, else all at once. */
export function* rowsInRuns(table: Answering, path: Path): Iterable<RowsOfRun> {
  const { count, classCount, runs } = table;
  if (runs === undefined) {
    yield { from: 0, rows: tensor([count, classCount], table.probabilities(path)) };
    return;
  }
  for (const run of runs) {
    yield { from: run.from, rows: tensor([run.count, classCount], rowsOf(table, path, samplesOf(run))) };
  }
}

/** A number for each sample from what it is told at the end of `path`. @param of [n, K] → [n] @returns [N] */
export function valuesAlong(table: Answering, path: Path, of: (rows: Tensor) => ArrayLike<number>): Float32Array {
  const values = new Float32Array(table.count);
  for (const { from, rows } of rowsInRuns(table, path)) values.set(of(rows), from);
  return values;
}
