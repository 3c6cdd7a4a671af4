import { type CostTable, costOf, type Path } from "@quee/core";
import { correctAlong, type PathTable, valuesAlong } from "@quee/path-tables";
import type { Confidence } from "../confidence.js";
import { prefixesOf } from "../rival/rival-paths.js";

/** What the exits of one static path say about all samples of a table: enough to try thresholds without replaying. */
export interface ExitScores {
  readonly path: Path;
  /** By exit but the last, each [N]: how sure. */
  readonly sureness: readonly Float32Array[];
  /** By exit, each [N]: 1 where right. */
  readonly correct: readonly Uint8Array[];
  /** By exit. */
  readonly cost: readonly number[];
}

export function exitScores(table: PathTable, path: Path, confidence: Confidence, costs: CostTable): ExitScores {
  const exits = prefixesOf(path);
  return {
    path,
    sureness: exits.slice(0, -1).map((exit) => valuesAlong(table, exit, confidence)),
    correct: exits.map((exit) => correctAlong(table, exit)),
    cost: exits.map((exit) => costOf(costs, exit)),
  };
}

/** Accuracy and mean cost when samples leave at the first exit that is at least as sure as its threshold. */
export function outcomeOf(
  { sureness, correct, cost }: ExitScores,
  thresholdAt: (exit: number) => number,
): { readonly top1: number; readonly cost: number } {
  const count = correct[0].length;
  const last = correct.length - 1;
  const thresholds = sureness.map((_, exit) => thresholdAt(exit));
  let right = 0;
  let paid = 0;
  for (let i = 0; i < count; i++) {
    let exit = 0;
    while (exit < last && !(sureness[exit][i] >= thresholds[exit])) exit++;
    right += correct[exit][i];
    paid += cost[exit];
  }
  return { top1: right / count, cost: paid / count };
}
