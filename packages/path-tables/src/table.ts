import { type Path, type PathKey, pathKey, QueeError, type Split, type SplitRole } from "@quee/core";
import type { PathTableParts } from "./path-table-parts.js";
import { problemOf } from "./table-problem.js";

/**
 * p̂_π(x) of every path on a split: what each exit would answer, whichever way the image came. Every method is compared on
 * the same table. QuEE (arXiv 2406.14404), section 4.
 */
export interface PathTable<Role extends SplitRole = SplitRole> extends Split<Role> {
  readonly paths: readonly Path[];
  /** Probabilities after softmax, [N, K] row-major. Throws where the table lacks the path. */
  probabilities(path: Path): Float32Array;
  /** What the head at the end of `path` has read, [N, D] row-major; empty for paths of which nobody collected it. */
  exitFeatures?(path: Path): Float32Array;
  /** `probabilities` of some samples, [n, K]: tables that lie in files have it, so that nobody must hold a path whole. */
  rows?(path: Path, samples: ArrayLike<number>): Float32Array;
  /** `exitFeatures` of some samples, [n, D]. */
  exitFeatureRows?(path: Path, samples: ArrayLike<number>): Float32Array;
  /** Samples that lie together, in order: who asks for `rows` run by run reads every byte once. Absent of tables in memory. */
  readonly runs?: readonly SampleRun[];
}

/** Samples `from` … `from + count − 1`. */
export interface SampleRun {
  readonly from: number;
  readonly count: number;
}

/** Checks lengths, labels and rows once; nothing is copied. */
export function createPathTable<Role extends SplitRole>(parts: PathTableParts<Role>): PathTable<Role> {
  const problem = problemOf(parts);
  if (problem !== null) throw new QueeError({ code: "E_PATH_TABLE", ...problem });
  return tableOf(parts);
}

/** The table of parts that were checked already. */
export function tableOf<Role extends SplitRole>({
  role,
  classCount,
  labels,
  paths,
  probabilities,
}: PathTableParts<Role>): PathTable<Role> {
  const byKey = new Map<PathKey, Float32Array>(paths.map((path, p) => [pathKey(path), probabilities[p]]));
  return {
    role,
    count: labels.length,
    classCount,
    labels,
    paths,
    probabilities: (path) => {
      const found = byKey.get(pathKey(path));
      if (found === undefined) throw missingPath(path, byKey.size);
      return found;
    },
  };
}

/** Finds the exit features of a path, [N, D]; empty of paths whose features were not kept. */
export function featuresByPath(
  kept: readonly { readonly path: Path; readonly values: Float32Array }[],
): (path: Path) => Float32Array {
  const byKey = new Map<PathKey, Float32Array>(kept.map(({ path, values }) => [pathKey(path), values]));
  return (path) => byKey.get(pathKey(path)) ?? new Float32Array(0);
}

/** The table as one of `role`; throws where it holds samples of another role. */
export function selectRole<Role extends SplitRole>(
  table: PathTable,
  role: Role,
  { file }: { readonly file?: string } = {},
): PathTable<Role> {
  if (isOfRole(table, role)) return table;
  throw new QueeError({
    code: "E_SPLIT_ROLE",
    kind: "artifact",
    ...(file === undefined ? {} : { file }),
    where: "role",
    expected: `samples for ${role}`,
    got: `samples for ${table.role}`,
  });
}

function isOfRole<Role extends SplitRole>(table: PathTable, role: Role): table is PathTable<Role> {
  return table.role === role;
}

/** The error of a table that was asked for a path which it does not have. */
export function missingPath(path: Path, pathCount: number): QueeError {
  return new QueeError({
    code: "E_PATH_MISSING",
    kind: "internal",
    where: "path table",
    expected: `one of its ${pathCount} paths`,
    got: path.length === 0 ? "the empty path" : pathKey(path),
    hint: "Collect the table for every path that a policy may take, and for the prefixes of each",
  });
}
