import type { SplitRole } from "@quee/core";
import { calibrated } from "./calibrated.js";
import { clusterEstimator, type ErrorEstimator } from "./error-estimator.js";
import { type FitErrorTargetsOptions, fitErrorTargets } from "./fit-error-targets.js";
import type { ProbabilityTable } from "./probability-table.js";
import { type EstimatorScore, scoreErrorEstimator } from "./score-error-targets.js";
import { uncertaintyEstimator } from "./uncertainty.js";

export interface CompareErrorEstimatorsOptions extends Omit<FitErrorTargetsOptions, "onPath"> {
  /** Samples to score on, other ones than `table`: its other half (`validationHalves`), or test samples for a report. */
  readonly held: ProbabilityTable<SplitRole>;
}

/**
 * Cells against what p̂ says of its own error: DOCTOR's α and β as they are and calibrated, and the base rate of each path. QuEE
 * (arXiv 2406.14404), section 4.1, says that the rivals are "only reliable for high-performing classifiers": `byPath` holds the
 * error rate of each path beside its scores. All that is fitted is fitted on `table`.
 */
export async function compareErrorEstimators(
  options: CompareErrorEstimatorsOptions,
): Promise<readonly EstimatorScore[]> {
  const { held, ...fitting } = options;
  const { table } = options;
  const cells = clusterEstimator(await fitErrorTargets(fitting));
  const baseRate = clusterEstimator(await fitErrorTargets({ ...fitting, clusterCount: 1, restarts: 1 }));
  const uncertainties = [uncertaintyEstimator("doctor-alpha"), uncertaintyEstimator("doctor-beta")];
  const estimators: readonly ErrorEstimator[] = [
    cells,
    ...uncertainties.flatMap((raw) => [
      raw,
      calibrated(raw, { table, method: "platt" }),
      calibrated(raw, { table, method: "isotonic" }),
    ]),
    { ...baseRate, name: "base rate" },
  ];
  return estimators.map((estimator) => scoreErrorEstimator(estimator, held));
}
