import type { Path, SplitRole } from "@quee/core";
import { type PathTable, tableView, takeSamples } from "@quee/path-tables";
import { dealFolds } from "./deal-folds.js";
import type { Gates, Prediction } from "./gates.js";

export interface CrossFitOptions<Role extends SplitRole> {
  readonly table: PathTable<Role>;
  /** Default 5. */
  readonly foldCount?: number;
  readonly seed: number;
  /** Trains gates on the samples outside one fold; `fold` counts from 0. */
  readonly train: (rest: PathTable<Role>, fold: number) => Promise<Gates>;
}

export interface CrossFittedGates {
  /** One set per fold, trained without it. */
  readonly gates: readonly Gates[];
  readonly folds: readonly Int32Array[];
  /** Of every sample what the gates say that never saw it; [N, A] in the order of the table. */
  predictOutOfFold(prefix: Path): Prediction;
}

/**
 * As many sets of gates as folds: what each says of its own fold is a forecast and not a memory, so that calibration, a choice
 * of λ or a later gate's training can use every sample.
 *
 * This leaves the heads as they are. So that no gate learns on images that heads were fitted on, collect each fold's table with
 * heads trained on the other folds of `dealFolds`, and train on `joinSamples` of them.
 */
export async function crossFitGates<Role extends SplitRole>(options: CrossFitOptions<Role>): Promise<CrossFittedGates> {
  const { table, foldCount = 5, seed, train } = options;
  const folds = dealFolds(table.count, foldCount, seed);
  const gates: Gates[] = [];
  for (const [fold, own] of folds.entries())
    gates.push(await train(takeSamples(table, without(own, table.count)), fold));
  return {
    gates,
    folds,
    predictOutOfFold(prefix) {
      const parts = folds.map((rows, fold) => gates[fold].predict(tableView(table, prefix, rows)));
      const [{ candidates }] = parts;
      const predictedError = new Float32Array(table.count * candidates.length);
      folds.forEach((rows, fold) => {
        for (const [i, row] of rows.entries()) {
          const from = parts[fold].predictedError.subarray(i * candidates.length, (i + 1) * candidates.length);
          predictedError.set(from, row * candidates.length);
        }
      });
      return { candidates, predictedError };
    },
  };
}

function without(fold: Int32Array, count: number): Int32Array {
  const held = new Set(fold);
  return Int32Array.from({ length: count }, (_, i) => i).filter((i) => !held.has(i));
}
