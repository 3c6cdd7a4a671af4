import type { SplitRole } from "@quee/core";
import { fitQuadratic, mean, type Quadratic } from "@quee/metrics";
import { type FitErrorTargetsOptions, fitErrorTargets } from "./fit-error-targets.js";
import { type ProbabilityTable, validationHalves } from "./probability-table.js";
import { badOption } from "./refusals.js";
import { scoreErrorTargets, type TargetScore } from "./score-error-targets.js";

type FittingOptions = Omit<FitErrorTargetsOptions, "clusterCount" | "onPath">;

export interface ScoreClusterCountsOptions extends FittingOptions {
  /** The numbers of cells to compare. */
  readonly clusterCounts: readonly number[];
  /** Samples to score on. For a choice they are validation samples that are not in `table`. */
  readonly held: ProbabilityTable<SplitRole>;
  readonly onScore?: (score: ClusterCountScore) => void;
}

export interface ClusterCountScore extends TargetScore {
  readonly clusterCount: number;
}

/**
 * Cells fitted on `table` and scored on `held`, in ascending order of their number: the points of figures 5C and 9 of QuEE
 * (arXiv 2406.14404), which scores on test images. `chooseClusterCount` never does.
 */
export async function scoreClusterCounts(options: ScoreClusterCountsOptions): Promise<readonly ClusterCountScore[]> {
  const { clusterCounts, held, onScore, ...fitting } = options;
  const scores: ClusterCountScore[] = [];
  for (const clusterCount of [...new Set(clusterCounts)].sort((a, b) => a - b)) {
    const targets = await fitErrorTargets({ ...fitting, clusterCount });
    const score = { clusterCount, ...scoreErrorTargets(targets, held) };
    scores.push(score);
    onScore?.(score);
  }
  return scores;
}

export interface ChooseClusterCountOptions extends FittingOptions {
  readonly clusterCounts: readonly number[];
  /** Which score must be least. Default `brier`; `ece` is the paper's, and cannot tell a good K from K = 1. */
  readonly criterion?: keyof TargetScore;
  /** Over how many random halvings of the samples scores are averaged. Default 1. */
  readonly splits?: number;
  /** Called with the scores of each halving. */
  readonly onScore?: (score: ClusterCountScore) => void;
}

/** Means over the halvings. */
export interface ClusterCountSummary extends ClusterCountScore {
  readonly bySplit: readonly TargetScore[];
}

export interface ClusterCountChoice {
  /** The one with the least score, the smallest of equals. Fit with it on all validation samples. */
  readonly clusterCount: number;
  /** In ascending order of the number of cells. */
  readonly scores: readonly ClusterCountSummary[];
  /** Second-order polynomials of the scores in K, as figures 5C and 9 have one; null of fewer than three numbers. */
  readonly parabolas: { readonly [Score in keyof TargetScore]: Quadratic | null };
}

/**
 * Compares numbers of cells on validation samples alone: fitted on a random half, scored on the other.
 * QuEE (arXiv 2406.14404), sections 7.1.4 and 7.2, where the text also speaks of the test set: never here.
 */
export async function chooseClusterCount(options: ChooseClusterCountOptions): Promise<ClusterCountChoice> {
  const { table, criterion = "brier", splits = 1, ...scoring } = options;
  checkOptions(options);
  const bySplit: (readonly ClusterCountScore[])[] = [];
  for (let split = 0; split < splits; split++) {
    const { fitted, held } = validationHalves(table, { seed: options.seed, split });
    bySplit.push(await scoreClusterCounts({ ...scoring, table: fitted, held }));
  }
  const scores = (bySplit[0] ?? []).map(({ clusterCount }, c) =>
    summary(
      clusterCount,
      bySplit.map((one) => one[c]),
    ),
  );
  const best = scores.reduce((least, score) => (score[criterion] < least[criterion] ? score : least));
  return {
    clusterCount: best.clusterCount,
    scores,
    parabolas: { ece: parabolaOf(scores, "ece"), brier: parabolaOf(scores, "brier") },
  };
}

/** The second-order polynomial of a score in the number of cells; null of fewer than three numbers. */
export function parabolaOf(scores: readonly ClusterCountScore[], score: keyof TargetScore): Quadratic | null {
  return fitQuadratic({ x: scores.map((one) => one.clusterCount), y: scores.map((one) => one[score]) });
}

function summary(clusterCount: number, scores: readonly ClusterCountScore[]): ClusterCountSummary {
  const bySplit = scores.map(({ ece, brier }) => ({ ece, brier }));
  const meanOf = (score: keyof TargetScore) => mean(bySplit.map((one) => one[score])) as number;
  return { clusterCount, ece: meanOf("ece"), brier: meanOf("brier"), bySplit };
}

function checkOptions({ clusterCounts, table, splits = 1 }: ChooseClusterCountOptions): void {
  if (clusterCounts.length > 0 && table.count >= 2 && Number.isInteger(splits) && splits >= 1) return;
  throw badOption(
    "choice of the number of clusters",
    "at least one number to try, one halving and two samples",
    `${clusterCounts.length}, ${splits} and ${table.count}`,
  );
}
