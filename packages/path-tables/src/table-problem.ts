import { type Path, pathKey, type SplitRole } from "@quee/core";
import type { PathTableParts } from "./path-table-parts.js";

/** A place and what is wrong there. */
export interface Place {
  readonly where: string;
  readonly expected: string;
  readonly got: string;
}

/** The first thing that makes parts no table: parts that do not fit together are a bug, rows that are no probabilities are not. */
export interface TableProblem extends Place {
  readonly kind: "internal" | "numeric";
}

/** A row of float32 softmax outputs over a thousand classes sums to 1 within about 1e-6. */
const rowSumTolerance = 1e-3;

/** Null where labels, paths and rows fit together; else the first thing that does not. */
export function problemOf(parts: PathTableParts<SplitRole>): TableProblem | null {
  const structure = classProblem(parts) ?? pathProblem(parts);
  if (structure !== null) return { ...structure, kind: "internal" };
  const row = firstRowProblem(parts);
  return row === null ? null : { ...row, kind: "numeric" };
}

function classProblem({ classCount, labels }: PathTableParts<SplitRole>): Place | null {
  if (!Number.isInteger(classCount) || classCount < 1) {
    return { where: "classCount", expected: "a whole number above 0", got: String(classCount) };
  }
  const outside = labels.findIndex((label) => label < 0 || label >= classCount);
  if (outside < 0) return null;
  return { where: `labels[${outside}]`, expected: `0 … ${classCount - 1}`, got: String(labels[outside]) };
}

function pathProblem({ classCount, labels, paths, probabilities }: PathTableParts<SplitRole>): Place | null {
  if (probabilities.length !== paths.length) {
    return { where: "probabilities", expected: `one array per path (${paths.length})`, got: `${probabilities.length}` };
  }
  const seen = new Set<string>();
  for (const [p, path] of paths.entries()) {
    const key = pathKey(path);
    if (path.length === 0) return { where: `paths[${p}]`, expected: "at least one block", got: "the empty path" };
    if (seen.has(key)) return { where: `paths[${p}]`, expected: "every path once", got: `${key} again` };
    seen.add(key);
    const length = labels.length * classCount;
    const got = probabilities[p].length;
    if (got !== length) return { where: `probabilities of ${key}`, expected: `${length} values`, got: String(got) };
  }
  return null;
}

function firstRowProblem({ classCount, paths, probabilities }: PathTableParts<SplitRole>): Place | null {
  for (const [p, values] of probabilities.entries()) {
    const bad = columnProblem(paths[p], values, classCount);
    if (bad !== null) return bad;
  }
  return null;
}

/** The first row of one path that is no probability vector. */
export function columnProblem(path: Path, values: Float32Array, classCount: number): Place | null {
  for (let at = 0; at < values.length; at += classCount) {
    const bad = rowProblem(values, at, classCount);
    if (bad !== null) return { where: `probabilities of ${pathKey(path)}, row ${at / classCount}`, ...bad };
  }
  return null;
}

/** Written so that NaN fails each comparison. */
function rowProblem(values: Float32Array, at: number, classCount: number): Omit<Place, "where"> | null {
  let sum = 0;
  for (let k = 0; k < classCount; k++) {
    const p = values[at + k];
    if (!(p >= 0 && p <= 1)) return { expected: "probabilities from 0 to 1", got: String(p) };
    sum += p;
  }
  if (Math.abs(sum - 1) <= rowSumTolerance) return null;
  return { expected: "probabilities that sum to 1", got: String(sum) };
}
