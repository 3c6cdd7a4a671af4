import type { Path } from "@quee/core";
import { type PathTable, rowsOf, runsOf } from "@quee/path-tables";
import { type Tensor, tensor } from "@quee/tensor";
import { rowsWithin, type SampleRows } from "@quee/training";

/** What a training holds of the samples of one table, where nobody says: see `RivalInputs`. */
export const rowMemoryBytes = 2 ** 30;

export interface ProbabilityRowsOptions {
  /** One column each. */
  readonly paths: readonly Path[];
  /** Numbers that come of p̂. */
  readonly width: number;
  /** @param probabilities [n, K] @returns [n, width] */
  readonly of: (probabilities: Tensor) => Float32Array;
  readonly memoryBytes: number | undefined;
}

/** What is made of p̂ at the end of some paths, for trainings. */
export function probabilityRows(table: PathTable, options: ProbabilityRowsOptions): SampleRows {
  const { paths, width, of, memoryBytes = rowMemoryBytes } = options;
  return rowsWithin({
    ...{ runs: runsOf(table), memoryBytes },
    widths: paths.map(() => width),
    read: (column, samples) => of(tensor([samples.length, table.classCount], rowsOf(table, paths[column], samples))),
  });
}
