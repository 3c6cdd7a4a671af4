import type { GateView, Path, SplitRole } from "@quee/core";
import { type ExtraFeature, readsExitFeatures } from "./extra-features.js";
import type { ProbabilityTable } from "./probability-table.js";

/**
 * What the gate behind `prefix` sees of the samples `rows`, as if they had come that way; what heads have read only where
 * `extras` look at it.
 */
export function tableView(
  table: ProbabilityTable<SplitRole>,
  prefix: Path,
  rows: Int32Array,
  extras: readonly ExtraFeature[] = [],
): GateView {
  const { classCount, count } = table;
  const passed = prefix.map((_, block) => prefix.slice(0, block + 1));
  const history = passed.map((path) => takeRows(table.probabilities(path), classCount, rows));
  const view = { prefix, count: rows.length, classCount, history };
  if (table.exitFeatures === undefined || !readsExitFeatures(extras)) return view;
  const exitFeatures = passed.map((path) => {
    const all = table.exitFeatures?.(path) ?? new Float32Array(0);
    return takeRows(all, all.length / count, rows);
  });
  return { ...view, exitFeatures };
}

/** @param values [N, width] @returns [rows.length, width] */
export function takeRows(values: Float32Array, width: number, rows: Int32Array): Float32Array {
  const own = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) own.set(values.subarray(row * width, (row + 1) * width), i * width);
  return own;
}

/** 0 … count − 1 in order, in pieces: a table of 50,000 samples and 35 paths has features of several GB. */
export function* inPieces(count: number, size: number): Generator<Int32Array> {
  for (let from = 0; from < count; from += size) {
    yield Int32Array.from({ length: Math.min(size, count - from) }, (_, i) => from + i);
  }
}
