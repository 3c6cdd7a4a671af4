import type { Path, SplitRole } from "@quee/core";
import { type Tensor, tensor } from "@quee/tensor";
import type { ProbabilityTable } from "./probability-table.js";

/**
 * A number for each sample from its p̂ alone; of a table in files run by run, so that no path of it is held whole.
 * @param of [n, K] → [n] @returns [N]
 */
export function perSample(
  table: Omit<ProbabilityTable<SplitRole>, "paths">,
  path: Path,
  of: (rows: Tensor) => ArrayLike<number>,
): Float32Array {
  const { count, classCount, runs } = table;
  if (table.rows === undefined || runs === undefined) {
    return Float32Array.from(of(tensor([count, classCount], table.probabilities(path))));
  }
  const values = new Float32Array(count);
  for (const run of runs) {
    const samples = Int32Array.from({ length: run.count }, (_, i) => run.from + i);
    values.set(of(tensor([run.count, classCount], table.rows(path, samples))), run.from);
  }
  return values;
}
