import { type Path, type PathKey, pathKey } from "@quee/core";
import { type CalibrationMap, isotonicRegression, plattScaling } from "@quee/metrics";
import { argmaxRows, tensor } from "@quee/tensor";
import type { ErrorEstimator } from "./error-estimator.js";
import { wrongOnes } from "./error-frequency.js";
import type { ProbabilityTable } from "./probability-table.js";
import { emptyTable, missingPath } from "./refusals.js";

/** `platt` is a logistic regression on the log-odds of the estimate, `isotonic` any non-decreasing map. */
export type CalibrationMethod = "platt" | "isotonic";

/**
 * An estimator whose estimates are mapped, path by path, to the error frequencies of validation samples. Calibrate on samples that
 * the estimator was not fitted on. Both maps keep the order of the estimates (`isotonic` up to ties), so whatever ranks samples
 * the same way is the same after it: DOCTOR's β and the largest probability are.
 */
export function calibrated(
  estimator: ErrorEstimator,
  { table, method }: { readonly table: ProbabilityTable<"validation">; readonly method: CalibrationMethod },
): ErrorEstimator {
  const maps = new Map<PathKey, CalibrationMap>(
    table.paths.map((path) => [pathKey(path), mapOf(estimator, path, table, method)]),
  );
  return {
    name: `${estimator.name}, ${method}`,
    estimate(path, rows) {
      const map = maps.get(pathKey(path));
      if (map === undefined) throw missingPath("calibration of error estimates", `a map for path ${pathKey(path)}`);
      return estimator.estimate(path, rows).map((estimate) => map(scoreOf(estimate, method)));
    },
  };
}

function mapOf(
  estimator: ErrorEstimator,
  path: Path,
  table: ProbabilityTable<"validation">,
  method: CalibrationMethod,
): CalibrationMap {
  const score = Float64Array.from(estimator.estimate(path, table), (estimate) => scoreOf(estimate, method));
  const rows = tensor([table.count, table.classCount], table.probabilities(path));
  const outcome = wrongOnes(argmaxRows(rows), table.labels);
  const map = method === "platt" ? plattScaling({ score, outcome }) : isotonicRegression({ score, outcome });
  if (map === null) throw emptyTable("table to calibrate error estimates on");
  return map;
}

/** Log-odds kept finite: float32 probabilities reach 0 and 1. */
function scoreOf(estimate: number, method: CalibrationMethod): number {
  if (method === "isotonic") return estimate;
  const p = Math.min(Math.max(estimate, 1e-7), 1 - 1e-7);
  return Math.log(p / (1 - p));
}
