import { type Path, QueeError, type SplitRole } from "@quee/core";
import { brierScore, expectedCalibrationError, mean } from "@quee/metrics";
import { argmaxRows, tensor } from "@quee/tensor";
import { targetsOf } from "./assign-targets.js";
import { wrongOnes } from "./error-frequency.js";
import type { ErrorTargets } from "./fit-error-targets.js";
import type { ProbabilityTable } from "./probability-table.js";

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

export function scoreErrorTargets(targets: ErrorTargets, table: ProbabilityTable<SplitRole>): TargetScore {
  const scores = table.paths.map((path) => scorePath(targets, path, table));
  const [ece, brier] = [mean(scores.map((score) => score.ece)), mean(scores.map((score) => score.brier))];
  if (ece === null || brier === null) throw nothingToScore();
  return { ece, brier };
}

function scorePath(targets: ErrorTargets, path: Path, table: ProbabilityTable<SplitRole>): TargetScore {
  const predictedError = targetsOf(targets, path, table);
  const rows = tensor([table.count, table.classCount], table.probabilities(path));
  const wrong = wrongOnes(argmaxRows(rows), table.labels);
  const ece = expectedCalibrationError({
    confidence: predictedError.map((error) => 1 - error),
    correct: wrong.map((one) => 1 - one),
  });
  const brier = brierScore({ probability: predictedError, outcome: wrong });
  if (ece === null || brier === null) throw nothingToScore();
  return { ece, brier };
}

function nothingToScore(): QueeError {
  return new QueeError({
    code: "E_TABLE_EMPTY",
    kind: "input",
    where: "table to score error targets on",
    expected: "at least one path and one sample",
    got: "none",
  });
}
