import type { SplitRole } from "@quee/core";
import { areaUnderRoc, brierScore, expectedCalibrationError, rootMeanSquaredError } from "@quee/metrics";
import { argmaxRows, tensor } from "@quee/tensor";
import type { Gates } from "./gates.js";
import { gatePairs } from "./pairs.js";
import { predictTable } from "./predictions-on-table.js";
import type { ProbabilityTable } from "./probability-table.js";
import { remembered, type TableTargets } from "./remembered.js";

/** How well one gate foretells, over all samples of a table and all its (prefix, candidate) pairs. Null of no samples. */
export interface GateDiagnostics {
  /** 2 … E */
  readonly gate: number;
  /** √ mean (p̂e − p̃e)²: distance to the targets it was trained on. QuEE (arXiv 2406.14404), figure 4. */
  readonly rmse: number | null;
  /** Expected calibration error of 1 − p̂e against being right, 15 bins of equal mass. */
  readonly ece: number | null;
  /** Mean of (p̂e − 1[wrong])². */
  readonly brier: number | null;
  /** Probability that a wrong answer has a higher p̂e than a right one; null where all are right or all wrong. */
  readonly auroc: number | null;
}

export interface GateDiagnosticsOptions {
  readonly gates: Gates;
  readonly table: ProbabilityTable<SplitRole>;
  readonly targets: TableTargets;
  /** Samples per prediction; bounds memory, changes nothing. */
  readonly batchSize?: number;
}

export function gateDiagnostics(options: GateDiagnosticsOptions): readonly GateDiagnostics[] {
  const { gates, table, batchSize = 512 } = options;
  const targetsOf = remembered(options.targets, table);
  const wrongOf = remembered(wrongOnes, table);
  return gatePairs(gates.space).map(({ gate, prefixes, pairs }) => {
    const size = table.count * pairs.length;
    const predicted = new Float32Array(size);
    const actual = new Float32Array(size);
    const wrong = new Float32Array(size);
    let at = 0;
    predictTable(gates, table, prefixes, {
      batchSize,
      onPrediction(error, candidate, row) {
        predicted[at] = error;
        actual[at] = targetsOf(candidate)[row];
        wrong[at++] = wrongOf(candidate)[row];
      },
    });
    return {
      gate,
      rmse: rootMeanSquaredError({ predicted, actual }),
      ece: expectedCalibrationError({
        confidence: predicted.map((error) => 1 - error),
        correct: wrong.map((one) => 1 - one),
      }),
      brier: brierScore({ probability: predicted, outcome: wrong }),
      auroc: areaUnderRoc({ score: predicted, outcome: wrong }),
    };
  });
}

/** 1 where the most probable class of the path is not the label. */
const wrongOnes: TableTargets = (path, table) => {
  const answers = argmaxRows(tensor([table.count, table.classCount], table.probabilities(path)));
  return Float32Array.from(answers, (answer, i) => (answer === table.labels[i] ? 0 : 1));
};
