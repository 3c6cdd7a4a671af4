import { type Path, type PathKey, pathKey, type SplitRole } from "@quee/core";
import { areaUnderRoc, brierScore, expectedCalibrationError, mean } from "@quee/metrics";
import { argmaxRows } from "@quee/tensor";
import { clusterEstimator, type ErrorEstimator } from "./error-estimator.js";
import { wrongOnes } from "./error-frequency.js";
import type { ErrorTargets } from "./fit-error-targets.js";
import { perSample } from "./per-sample.js";
import type { ProbabilityTable } from "./probability-table.js";
import { emptyTable } from "./refusals.js";

/** How well p̃e foretells errors on samples; both are means over the paths of the table. */
export interface TargetScore {
  /**
   * Expected calibration error of 1 − p̃e, 15 bins of equal mass. QuEE (arXiv 2406.14404), section 7.2. It rewards no
   * resolution: a single cell, which predicts the base rate for everything, is calibrated.
   */
  readonly ece: number;
  /** Mean of (p̃e − 1[wrong])²: calibration and resolution in one. */
  readonly brier: number;
}

/** Scores of an estimator on one path. */
export interface PathScore extends TargetScore {
  readonly path: PathKey;
  /** Frequency of errors of the path on these samples. */
  readonly errorRate: number;
  /** How well the estimate ranks errors above right answers; null where one of the two does not occur. */
  readonly auroc: number | null;
}

export interface EstimatorScore extends TargetScore {
  readonly estimator: string;
  /** Mean over the paths that have one; null where none has. */
  readonly auroc: number | null;
  readonly byPath: readonly PathScore[];
}

/** Scores any estimator of the probability of error on all paths of a table. */
export function scoreErrorEstimator(estimator: ErrorEstimator, table: ProbabilityTable<SplitRole>): EstimatorScore {
  const byPath = table.paths.map((path) => scorePath(estimator, path, table));
  const ece = mean(byPath.map((score) => score.ece));
  const brier = mean(byPath.map((score) => score.brier));
  if (ece === null || brier === null) throw emptyTable("table to score error estimates on");
  const auroc = mean(byPath.flatMap((score) => (score.auroc === null ? [] : [score.auroc])));
  return { estimator: estimator.name, ece, brier, auroc, byPath };
}

/** The two scores of cells. */
export function scoreErrorTargets(targets: ErrorTargets, table: ProbabilityTable<SplitRole>): TargetScore {
  const { ece, brier } = scoreErrorEstimator(clusterEstimator(targets), table);
  return { ece, brier };
}

function scorePath(estimator: ErrorEstimator, path: Path, table: ProbabilityTable<SplitRole>): PathScore {
  const predictedError = estimator.estimate(path, table);
  const wrong = wrongOnes(Int32Array.from(perSample(table, path, argmaxRows)), table.labels);
  const ece = expectedCalibrationError({
    confidence: predictedError.map((error) => 1 - error),
    correct: wrong.map((one) => 1 - one),
  });
  const brier = brierScore({ probability: predictedError, outcome: wrong });
  const errorRate = mean(wrong);
  if (ece === null || brier === null || errorRate === null) throw emptyTable("table to score error estimates on");
  return { path: pathKey(path), errorRate, ece, brier, auroc: areaUnderRoc({ score: predictedError, outcome: wrong }) };
}
