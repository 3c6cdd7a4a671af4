import type { GateView, Path } from "@quee/core";
import { takeRows } from "./rows.js";
import type { PathTable } from "./table.js";

/** What the gate behind `prefix` sees of some samples, as if they had come that way. QuEE (arXiv 2406.14404), equation 7. */
export function tableView(
  table: Pick<PathTable, "count" | "classCount" | "probabilities" | "exitFeatures">,
  prefix: Path,
  samples: ArrayLike<number>,
): GateView {
  const { classCount, count } = table;
  const passed = prefix.map((_, j) => prefix.slice(0, j + 1));
  const history = passed.map((path) => takeRows(table.probabilities(path), classCount, samples));
  const view = { prefix, count: samples.length, classCount, history };
  if (table.exitFeatures === undefined) return view;
  const featuresOf = (path: Path) => table.exitFeatures?.(path) ?? new Float32Array(0);
  return {
    ...view,
    // Rows of features are long and most policies do not look at them.
    get exitFeatures() {
      return passed.map((path) => takeRows(featuresOf(path), featuresOf(path).length / count, samples));
    },
  };
}
