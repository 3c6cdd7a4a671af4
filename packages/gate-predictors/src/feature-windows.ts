import { type Path, type PathKey, pathKey } from "@quee/core";
import { type SampleRun, samplesOf } from "@quee/path-tables";
import { type Random, type Tensor, zeros } from "@quee/tensor";
import { gatherRows } from "@quee/training";
import type { FeatureSource } from "./feature-source.js";

export interface FeatureWindowsOptions {
  /** Computes u anew whenever it is asked. */
  readonly compute: FeatureSource;
  /** Width of u. */
  readonly width: number;
  /** Those that one gate asks for. */
  readonly prefixes: readonly Path[];
  /** Samples that are read best together, in order: all samples. */
  readonly runs: readonly SampleRun[];
  /** Features that are held at a time take no more, but for the largest run, which is held whole. */
  readonly memoryBytes: number;
}

/** Features of a table whose features do not fit into memory. */
export interface FeatureWindows {
  /** u of samples of the window that is open. */
  readonly features: FeatureSource;
  /**
   * An epoch: every sample once. Runs come in random order, as many at a time as memory has room for, and their samples are dealt
   * out at random among themselves; each run is read once per prefix.
   */
  batches(random: Random, batchSize: number): Iterable<Int32Array>;
}

export function featureWindows(options: FeatureWindowsOptions): FeatureWindows {
  const { compute, width, prefixes, runs, memoryBytes } = options;
  const rowsAtOnce = Math.floor(memoryBytes / (4 * width * prefixes.length));
  const held = new Map<PathKey, Tensor>();
  let placeOf: ReadonlyMap<number, number> = new Map();

  const open = (window: readonly SampleRun[]): Int32Array => {
    const samples = Int32Array.from(window.flatMap((run) => [...samplesOf(run)]));
    placeOf = new Map(Array.from(samples, (sample, place) => [sample, place]));
    // Let go before the next is made: two windows at once would be twice the memory.
    held.clear();
    for (const prefix of prefixes) held.set(pathKey(prefix), zeros([samples.length, width]));
    let at = 0;
    for (const run of window) {
      // Prefixes share what they begin with, which is read once as long as they ask for the same samples.
      for (const prefix of prefixes) {
        const { data } = compute(prefix, samplesOf(run));
        held.get(pathKey(prefix))?.data.set(data, at * width);
      }
      at += run.count;
    }
    return samples;
  };

  return {
    features: (prefix, rows) => {
      const places = rows.map((row) => placeOf.get(row) as number);
      return gatherRows(held.get(pathKey(prefix)) as Tensor, places);
    },
    *batches(random, batchSize) {
      const order = Array.from(random.permutation(runs.length), (run) => runs[run]);
      for (const window of windowsOf(order, rowsAtOnce)) {
        const samples = open(window);
        const dealt = random.permutation(samples.length).map((place) => samples[place]);
        for (let from = 0; from < dealt.length; from += batchSize) yield dealt.subarray(from, from + batchSize);
      }
    },
  };
}

/** Runs in their order, as many together as have at most `most` samples, at least one. */
function windowsOf(runs: readonly SampleRun[], most: number): readonly (readonly SampleRun[])[] {
  const windows: SampleRun[][] = [];
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
