import type { Path } from "@quee/core";
import type { PathTable } from "./table.js";

/** Copies rows out of a matrix. @param values [N, K] @param rows [n] @returns [n, K] */
export function takeRows(values: Float32Array, width: number, rows: ArrayLike<number>): Float32Array {
  const out = new Float32Array(rows.length * width);
  for (let i = 0; i < rows.length; i++) out.set(values.subarray(rows[i] * width, (rows[i] + 1) * width), i * width);
  return out;
}

/** p̂_π of some samples of any table, [n, K]; of one in files no more is read than that. */
export function rowsOf(
  table: Pick<PathTable, "classCount" | "probabilities" | "rows">,
  path: Path,
  samples: ArrayLike<number>,
): Float32Array {
  return table.rows?.(path, samples) ?? takeRows(table.probabilities(path), table.classCount, samples);
}

/** What the head at the end of `path` has read of some samples, [n, D]; empty of paths of which nobody collected it. */
export function exitFeatureRowsOf(
  table: Pick<PathTable, "count" | "exitFeatures" | "exitFeatureRows">,
  path: Path,
  samples: ArrayLike<number>,
): Float32Array {
  if (table.exitFeatureRows !== undefined) return table.exitFeatureRows(path, samples);
  const all = table.exitFeatures?.(path) ?? new Float32Array(0);
  return takeRows(all, all.length / table.count, samples);
}
