import {
  areaUnderRoc,
  brierScore,
  expectedCalibrationError,
  mean,
  type ReliabilityBin,
  reliabilityBins,
  rootMeanSquaredError,
} from "@quee/metrics";

/** How well predicted errors foretell. Null of no samples. */
export interface ErrorScores {
  /** √ mean (p̂e − p̃e)²: distance to the targets it was trained on. QuEE (arXiv 2406.14404), figure 4. */
  readonly rmse: number | null;
  /** Expected calibration error of 1 − p̂e against being right, 15 bins of equal mass. */
  readonly ece: number | null;
  /** Mean of (p̂e − 1[wrong])². */
  readonly brier: number | null;
  /** Probability that a wrong answer has a higher p̂e than a right one; null where all are right or all wrong. */
  readonly auroc: number | null;
}

/** Scores of one group of predictions, with its diagram. */
export interface ErrorReport extends ErrorScores {
  /** Predictions in this group. */
  readonly count: number;
  /** Mean p̂e. Above `errorRate` the gate is too careful, below it too hopeful. */
  readonly meanPredicted: number | null;
  /** How often the answer is wrong. */
  readonly errorRate: number | null;
  /** Predicted against observed error, bins of equal mass from the surest. */
  readonly reliability: readonly ReliabilityBin[];
}

/** p̂e, p̃e and 1[wrong] of the same predictions, side by side. */
export interface Predictions {
  readonly predicted: number[];
  readonly target: number[];
  readonly wrong: number[];
}

export function errorScores({ predicted, target, wrong }: Predictions): ErrorScores {
  return {
    rmse: rootMeanSquaredError({ predicted, actual: target }),
    ece: expectedCalibrationError({
      confidence: predicted.map((error) => 1 - error),
      correct: wrong.map((one) => 1 - one),
    }),
    brier: brierScore({ probability: predicted, outcome: wrong }),
    auroc: areaUnderRoc({ score: predicted, outcome: wrong }),
  };
}

export function errorReport(predictions: Predictions, bins: number): ErrorReport {
  const { predicted, wrong } = predictions;
  return {
    count: predicted.length,
    meanPredicted: mean(predicted),
    errorRate: mean(wrong),
    ...errorScores(predictions),
    reliability: reliabilityBins({ probability: predicted, outcome: wrong, bins }),
  };
}
