import { QueeError } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { type FitErrorTargetsOptions, fitErrorTargets } from "./fit-error-targets.js";
import { selectRows } from "./probability-table.js";
import { scoreErrorTargets, type TargetScore } from "./score-error-targets.js";

export interface ChooseClusterCountOptions extends Omit<FitErrorTargetsOptions, "clusterCount" | "onPath"> {
  /** The numbers of cells to compare. */
  readonly clusterCounts: readonly number[];
  /** Which score must be least. Default `brier`; `ece` is the paper's, and cannot tell a good K from K = 1. */
  readonly criterion?: keyof TargetScore;
  readonly onScore?: (score: ClusterCountScore) => void;
}

export interface ClusterCountScore extends TargetScore {
  readonly clusterCount: number;
}

export interface ClusterCountChoice {
  /** The one with the least score, the smallest of equals. Fit with it on all validation samples. */
  readonly clusterCount: number;
  /** In ascending order of the number of cells. */
  readonly scores: readonly ClusterCountScore[];
}

/**
 * Compares numbers of cells on validation samples alone: fitted on a random half, scored on the other.
 * QuEE (arXiv 2406.14404), sections 7.1.4 and 7.2, where the text also speaks of the test set: never here.
 */
export async function chooseClusterCount(options: ChooseClusterCountOptions): Promise<ClusterCountChoice> {
  const { table, clusterCounts, criterion = "brier", onScore, ...fitting } = options;
  if (clusterCounts.length === 0 || table.count < 2) throw nothingToCompare(clusterCounts.length, table.count);
  const order = randomStream(options.seed, "halves for the number of clusters").permutation(table.count);
  const half = Math.ceil(table.count / 2);
  const fitted = selectRows(table, order.subarray(0, half));
  const held = selectRows(table, order.subarray(half));
  const scores: ClusterCountScore[] = [];
  for (const clusterCount of [...clusterCounts].sort((a, b) => a - b)) {
    const targets = await fitErrorTargets({ ...fitting, table: fitted, clusterCount });
    const score = { clusterCount, ...scoreErrorTargets(targets, held) };
    scores.push(score);
    onScore?.(score);
  }
  const best = scores.reduce((least, score) => (score[criterion] < least[criterion] ? score : least));
  return { clusterCount: best.clusterCount, scores };
}

function nothingToCompare(counts: number, samples: number): QueeError {
  return new QueeError({
    code: "E_CLUSTERING_OPTION",
    kind: "config",
    where: "choice of the number of clusters",
    expected: "at least one number to try and two samples",
    got: `${counts} and ${samples}`,
  });
}
