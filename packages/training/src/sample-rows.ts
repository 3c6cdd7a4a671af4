import { type Random, type Tensor, tensor, zeros } from "@quee/tensor";
import { minibatches } from "./minibatches.js";
import { gatherRows } from "./rows.js";
import { type SampleWindowsOptions, samplesOf, sampleWindows } from "./sample-windows.js";

/** Numbers of samples in columns, wherever they lie: trainings go through them batch by batch. */
export interface SampleRows {
  /** N */
  readonly count: number;
  /** Numbers of a sample, by column. */
  readonly widths: readonly number[];
  /** An epoch: every sample once, at random. */
  batches(random: Random, batchSize: number): Iterable<Int32Array>;
  /** In the order given; those of a batch that was just dealt are in memory. @returns [samples.length, width of the column] */
  rows(column: number, samples: Int32Array): Tensor;
  /** Some of the columns, by themselves: where rows are read window by window, more of fewer columns fit. */
  select(columns: readonly number[]): SampleRows;
  /** Samples whose rows may be asked for together, in order: all at once where they are in memory. */
  readonly pieces: readonly Int32Array[];
}

/** @param columns [N, width] each; N from the first */
export function rowsInMemory(columns: readonly Tensor[]): SampleRows {
  const count = columns[0]?.shape[0] ?? 0;
  return keptRows(
    count,
    columns.map(({ shape }) => shape[1]),
    (column) => columns[column],
  );
}

/**
 * Rows that are read: once, and kept, where all columns fit the memory given or the samples lie in one run, as those of a table in
 * memory do; then batches are those of `minibatches`. Of more, window after window in every epoch.
 */
export function rowsWithin(options: SampleWindowsOptions): SampleRows {
  const { runs, widths, read, memoryBytes } = options;
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  const bytes = 4 * count * widths.reduce((sum, width) => sum + width, 0);
  if (bytes > memoryBytes && runs.length > 1) return readRows(options, count);
  const kept = new Map<number, Tensor>();
  return keptRows(count, widths, (column) => {
    const found = kept.get(column);
    if (found !== undefined) return found;
    const all = zeros([count, widths[column]]);
    for (const run of runs) all.data.set(read(column, samplesOf(run)), run.from * widths[column]);
    kept.set(column, all);
    return all;
  });
}

function keptRows(count: number, widths: readonly number[], columnAt: (column: number) => Tensor): SampleRows {
  return {
    ...{ count, widths },
    batches: (random, batchSize) => minibatches({ count, batchSize, random }),
    rows: (column, samples) => {
      const all = columnAt(column);
      // Whole columns are asked for as they lie, again and again: they are not copied.
      return isWhole(samples, count) ? all : gatherRows(all, samples);
    },
    select: (columns) =>
      keptRows(
        count,
        columns.map((column) => widths[column]),
        (column) => columnAt(columns[column]),
      ),
    pieces: [samplesOf({ from: 0, count })],
  };
}

function readRows(options: SampleWindowsOptions, count: number): SampleRows {
  const { runs, widths, read } = options;
  const windows = sampleWindows(options);
  return {
    ...{ count, widths },
    batches: windows.batches,
    rows: (column, samples) =>
      samples.length > 0 && samples.every(windows.holds)
        ? windows.rows(column, samples)
        : tensor([samples.length, widths[column]], read(column, samples)),
    select: (columns) =>
      rowsWithin({
        ...options,
        widths: columns.map((column) => widths[column]),
        read: (column, samples) => read(columns[column], samples),
      }),
    pieces: runs.map(samplesOf),
  };
}

function isWhole(samples: Int32Array, count: number): boolean {
  return samples.length === count && samples.every((sample, i) => sample === i);
}
