import { type Path, type PathKey, pathKey } from "@quee/core";
import type { SampleRun } from "@quee/path-tables";
import { type SampleWindows, sampleWindows } from "@quee/training";
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
export interface FeatureWindows extends Pick<SampleWindows, "batches"> {
  /** u of samples of the window that is open. */
  readonly features: FeatureSource;
}

export function featureWindows(options: FeatureWindowsOptions): FeatureWindows {
  const { compute, width, prefixes, runs, memoryBytes } = options;
  const columnOf: ReadonlyMap<PathKey, number> = new Map(prefixes.map((prefix, column) => [pathKey(prefix), column]));
  const windows = sampleWindows({
    ...{ runs, memoryBytes },
    widths: prefixes.map(() => width),
    // Prefixes share what they begin with.
    read: (column, samples) => compute(prefixes[column], samples).data,
  });
  return {
    features: (prefix, rows) => windows.rows(columnOf.get(pathKey(prefix)) as number, rows),
    batches: windows.batches,
  };
}
