import type { Path, SplitRole } from "@quee/core";
import { targetsOf } from "./assign-targets.js";
import type { ErrorTargets } from "./fit-error-targets.js";
import type { ProbabilityTable } from "./probability-table.js";

/** Labels and p̂_π of a split; which paths it has nobody asks. */
export type LabelledRows = Omit<ProbabilityTable<SplitRole>, "paths">;

/** Says of every sample how probable it is that a path errs on it: cells are one way, their rivals others. */
export interface ErrorEstimator {
  readonly name: string;
  /** @returns [N], each in [0, 1] */
  estimate(path: Path, table: LabelledRows): Float32Array;
}

/** p̃e of the cells. QuEE (arXiv 2406.14404), equations 10 to 12. */
export function clusterEstimator(targets: ErrorTargets): ErrorEstimator {
  return { name: "clusters", estimate: (path, table) => targetsOf(targets, path, table) };
}
