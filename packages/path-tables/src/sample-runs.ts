import type { PathTable, SampleRun } from "./table.js";

/** The samples of a table in the order in which it reads them best; of a table in memory all at once. */
export function runsOf({ count, runs }: Pick<PathTable, "count" | "runs">): readonly SampleRun[] {
  return runs ?? [{ from: 0, count }];
}

/** from … from + count − 1 */
export function samplesOf({ from, count }: SampleRun): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => from + i);
}
