import type { Path } from "@quee/core";
import { type PathTable, rowsInRuns } from "@quee/path-tables";
import type { Tensor } from "@quee/tensor";

/** ln p, where a probability that rounds to zero counts as a small one: its logarithm would be infinite. */
export function logProbability(p: number): number {
  return Math.log(Math.max(p, 1e-12));
}

/** −ln p̂(label) of each sample, in nats. @param probabilities [n, K] @param labels [n] @returns [n] */
export function crossEntropies({ shape, data }: Tensor, labels: Int32Array): Float64Array {
  const [, classCount] = shape;
  return Float64Array.from(labels, (label, i) => -logProbability(data[i * classCount + label]));
}

/** The same of every sample of a table at the end of `path`. @returns [N] */
export function crossEntropiesAlong(table: PathTable, path: Path): Float64Array {
  const losses = new Float64Array(table.count);
  for (const { from, rows } of rowsInRuns(table, path)) {
    losses.set(crossEntropies(rows, table.labels.subarray(from, from + rows.shape[0])), from);
  }
  return losses;
}
