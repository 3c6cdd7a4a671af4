import type { Path } from "@quee/core";
import { argmaxRows, tensor } from "@quee/tensor";
import type { PathTable } from "./table.js";

/** The most probable class at the end of `path`, the lowest of equals, [N] */
export function answersAlong(table: Pick<PathTable, "count" | "classCount" | "probabilities">, path: Path): Int32Array {
  return argmaxRows(tensor([table.count, table.classCount], table.probabilities(path)));
}

/** 1 where the answer at the end of `path` is the label, [N] */
export function correctAlong(
  table: Pick<PathTable, "count" | "classCount" | "labels" | "probabilities">,
  path: Path,
): Uint8Array {
  return Uint8Array.from(answersAlong(table, path), (answer, i) => (answer === table.labels[i] ? 1 : 0));
}
