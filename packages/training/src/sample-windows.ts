import { type Random, type Tensor, zeros } from "@quee/tensor";
import { gatherRows } from "./rows.js";

/** Samples `from` … `from + count − 1`, which are read best together. */
export interface ConsecutiveSamples {
  readonly from: number;
  readonly count: number;
}

export interface SampleWindowsOptions {
  /** All samples, in order. */
  readonly runs: readonly ConsecutiveSamples[];
  /** Numbers of a sample, by column. */
  readonly widths: readonly number[];
  /** Rows of a column. @returns [samples.length, width of the column] */
  readonly read: (column: number, samples: Int32Array) => Float32Array;
  /** Rows that are held at a time take no more, but for the largest run, which is held whole. */
  readonly memoryBytes: number;
}

/** Samples whose rows do not fit into memory, gone through in windows that do. */
export interface SampleWindows {
  /** Of samples of the window that is open. @returns [samples.length, width of the column] */
  rows(column: number, samples: Int32Array): Tensor;
  /** Whether a sample is in the window that is open. */
  holds(sample: number): boolean;
  /**
   * An epoch: every sample once. Runs come in random order, as many at a time as memory has room for, and their samples are dealt
   * out at random among themselves; each run is read once per column.
   */
  batches(random: Random, batchSize: number): Iterable<Int32Array>;
}

export function sampleWindows({ runs, widths, read, memoryBytes }: SampleWindowsOptions): SampleWindows {
  const rowsAtOnce = Math.floor(memoryBytes / (4 * widths.reduce((sum, width) => sum + width, 0)));
  let held: readonly Tensor[] = [];
  let placeOf: ReadonlyMap<number, number> = new Map();

  const open = (window: readonly ConsecutiveSamples[]): Int32Array => {
    const samples = Int32Array.from(window.flatMap((run) => [...samplesOf(run)]));
    placeOf = new Map(Array.from(samples, (sample, place) => [sample, place]));
    // Let go before the next is made: two windows at once would be twice the memory.
    held = [];
    held = widths.map((width) => zeros([samples.length, width]));
    let at = 0;
    for (const run of window) {
      // Columns that share what they are made of find it read as long as they ask for the same samples.
      for (const [column, { data }] of held.entries()) data.set(read(column, samplesOf(run)), at * widths[column]);
      at += run.count;
    }
    return samples;
  };

  return {
    holds: (sample) => placeOf.has(sample),
    rows: (column, samples) => {
      const places = samples.map((sample) => placeOf.get(sample) as number);
      return gatherRows(held[column], places);
    },
    *batches(random, batchSize) {
      const order = Array.from(random.permutation(runs.length), (run) => runs[run]);
      try {
        for (const window of windowsOf(order, rowsAtOnce)) {
          const samples = open(window);
          const dealt = random.permutation(samples.length).map((place) => samples[place]);
          for (let from = 0; from < dealt.length; from += batchSize) yield dealt.subarray(from, from + batchSize);
        }
      } finally {
        [held, placeOf] = [[], new Map()];
      }
    },
  };
}

/** from … from + count − 1 */
export function samplesOf({ from, count }: ConsecutiveSamples): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => from + i);
}

/** Runs in their order, as many together as have at most `most` samples, at least one. */
function windowsOf(runs: readonly ConsecutiveSamples[], most: number): readonly (readonly ConsecutiveSamples[])[] {
  const windows: ConsecutiveSamples[][] = [];
  let room = 0;
  for (const run of runs) {
    if (windows.length === 0 || run.count > room) {
      windows.push([]);
      room = most;
    }
    windows[windows.length - 1].push(run);
    room -= run.count;
  }
  return windows;
}
