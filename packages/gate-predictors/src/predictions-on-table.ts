import type { Path, SplitRole } from "@quee/core";
import { tableView } from "@quee/path-tables";
import type { Gates } from "./gates.js";
import { inPieces } from "./in-pieces.js";
import type { ProbabilityTable } from "./probability-table.js";

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
