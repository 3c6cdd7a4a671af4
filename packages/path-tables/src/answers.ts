import type { Path } from "@quee/core";
import { argmaxRows, tensor } from "@quee/tensor";
import { rowsOf } from "./rows.js";
import { samplesOf } from "./sample-runs.js";
import type { PathTable } from "./table.js";

type Answering = Pick<PathTable, "count" | "classCount" | "probabilities" | "rows" | "runs">;

/** The most probable class at the end of `path`, the lowest of equals, [N] */
export function answersAlong(table: Answering, path: Path): Int32Array {
  const { count, classCount, runs } = table;
  if (runs === undefined) return argmaxRows(tensor([count, classCount], table.probabilities(path)));
  const answers = new Int32Array(count);
  for (const run of runs) {
    const rows = tensor([run.count, classCount], rowsOf(table, path, samplesOf(run)));
    answers.set(argmaxRows(rows), run.from);
  }
  return answers;
}

/** 1 where the answer at the end of `path` is the label, [N] */
export function correctAlong(table: Answering & Pick<PathTable, "labels">, path: Path): Uint8Array {
  return Uint8Array.from(answersAlong(table, path), (answer, i) => (answer === table.labels[i] ? 1 : 0));
}
