import type { Path, SplitRole } from "@quee/core";
import type { Gates } from "./gates.js";
import type { PathTargets } from "./pairs.js";
import type { ProbabilityTable } from "./probability-table.js";
import { inPieces, tableView } from "./table-views.js";

/** One predicted error of one sample and pair. */
export type OnPrediction = (predicted: number, candidate: Path, row: number) => void;

/** Lets a gate foresee every candidate from every prefix, for every sample of a table. */
export function predictTable(
  gates: Gates,
  table: ProbabilityTable<SplitRole>,
  prefixes: readonly Path[],
  { batchSize, onPrediction }: { readonly batchSize: number; readonly onPrediction: OnPrediction },
): void {
  for (const rows of inPieces(table.count, batchSize)) {
    for (const prefix of prefixes) {
      const { candidates, predictedError } = gates.predict(tableView(table, prefix, rows));
      for (const [i, row] of rows.entries()) {
        candidates.forEach((candidate, a) => {
          onPrediction(predictedError[i * candidates.length + a], candidate, row);
        });
      }
    }
  }
}

/** Mean over samples and pairs of (h − p̃e)². */
export function meanSquaredErrorOf(
  gates: Gates,
  table: ProbabilityTable<SplitRole>,
  prefixes: readonly Path[],
  { targetsOf, batchSize }: { readonly targetsOf: PathTargets; readonly batchSize: number },
): number {
  let sum = 0;
  let count = 0;
  const onPrediction: OnPrediction = (predicted, candidate, row) => {
    sum += (predicted - targetsOf(candidate)[row]) ** 2;
    count++;
  };
  predictTable(gates, table, prefixes, { batchSize, onPrediction });
  return sum / count;
}
