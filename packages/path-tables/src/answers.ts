import type { Path } from "@quee/core";
import { argmaxRows, tensor } from "@quee/tensor";
import type { PathTable } from "./table.js";

/** 1 where the most probable class at the end of `path` is the label, [N]; the lowest of equally probable classes counts. */
export function correctAlong(
  table: Pick<PathTable, "count" | "classCount" | "labels" | "probabilities">,
  path: Path,
): Uint8Array {
  const answers = argmaxRows(tensor([table.count, table.classCount], table.probabilities(path)));
  return Uint8Array.from(answers, (answer, i) => (answer === table.labels[i] ? 1 : 0));
}
