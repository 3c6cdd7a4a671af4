import type { GateView, Path } from "@quee/core";
import { exitFeatureRowsOf, rowsOf } from "./rows.js";
import type { PathTable } from "./table.js";

/** What a view takes from a table. */
type TableRows = Pick<
  PathTable,
  "count" | "classCount" | "probabilities" | "rows" | "exitFeatures" | "exitFeatureRows"
>;

/** What the gate behind `prefix` sees of some samples, as if they had come that way. QuEE (arXiv 2406.14404), equation 7. */
export function tableView(table: TableRows, prefix: Path, samples: ArrayLike<number>): GateView {
  const { classCount } = table;
  const passed = prefix.map((_, j) => prefix.slice(0, j + 1));
  const history = passed.map((path) => rowsOf(table, path, samples));
  const view = { prefix, count: samples.length, classCount, history };
  if (table.exitFeatures === undefined) return view;
  return {
    ...view,
    // Rows of features are long and most policies do not look at them.
    get exitFeatures() {
      return passed.map((path) => exitFeatureRowsOf(table, path, samples));
    },
  };
}
