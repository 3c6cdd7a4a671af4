import type { Path, Split, SplitRole } from "@quee/core";
import { randomStream } from "@quee/tensor";

/** p̂_π of every path on one split: the part of a path table that this room reads. */
export interface ProbabilityTable<Role extends SplitRole> extends Split<Role> {
  readonly paths: readonly Path[];
  /** p̂_π, [N, K] row-major. */
  probabilities(path: Path): Float32Array;
  /** p̂_π of some samples, [n, K]: tables that lie in files have it, … */
  rows?(path: Path, samples: ArrayLike<number>): Float32Array;
  /** … and the samples that lie together there, in order. */
  readonly runs?: readonly { readonly from: number; readonly count: number }[];
}

/** The same table with the samples `rows` only, in that order. */
export function selectRows<Role extends SplitRole>(
  table: ProbabilityTable<Role>,
  rows: Int32Array,
): ProbabilityTable<Role> {
  const width = table.classCount;
  return {
    role: table.role,
    count: rows.length,
    classCount: width,
    labels: Int32Array.from(rows, (row) => table.labels[row]),
    paths: table.paths,
    probabilities(path) {
      if (table.rows !== undefined) return table.rows(path, rows);
      const all = table.probabilities(path);
      const selected = new Float32Array(rows.length * width);
      for (const [i, row] of rows.entries()) selected.set(all.subarray(row * width, (row + 1) * width), i * width);
      return selected;
    },
  };
}

/**
 * Two random halves of validation samples: one to fit on, one to score on. An odd sample goes to the first.
 * @param split number of the halving; each gives other halves
 */
export function validationHalves(
  table: ProbabilityTable<"validation">,
  { seed, split = 0 }: { readonly seed: number; readonly split?: number },
): { readonly fitted: ProbabilityTable<"validation">; readonly held: ProbabilityTable<"validation"> } {
  const order = randomStream(seed, `validation halves ${split}`).permutation(table.count);
  const half = Math.ceil(table.count / 2);
  return { fitted: selectRows(table, order.subarray(0, half)), held: selectRows(table, order.subarray(half)) };
}
