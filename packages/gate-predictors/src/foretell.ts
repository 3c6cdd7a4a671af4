import type { Path, SplitRole } from "@quee/core";
import type { Predictions } from "./error-scores.js";
import type { Gates } from "./gates.js";
import type { GatePairs } from "./pairs.js";
import { predictTable } from "./predictions-on-table.js";
import type { ProbabilityTable } from "./probability-table.js";
import { remembered, type TableTargets } from "./remembered.js";
import { wrongness } from "./wrongness.js";

export interface ForetellOptions {
  readonly gates: Gates;
  readonly table: ProbabilityTable<SplitRole>;
  readonly targets: TableTargets;
  /** Samples per prediction; bounds memory, changes nothing. */
  readonly batchSize?: number;
}

/** All predictions of one gate on a table, in groups; the groups in the order of the pairs that open them. */
export function foretell<Key>(
  { gates, table, targets, batchSize = 512 }: ForetellOptions,
  { prefixes, pairs }: GatePairs,
  keyOf: (candidate: Path) => Key,
): ReadonlyMap<Key, Predictions> {
  const targetsOf = remembered(targets, table);
  const wrongOf = remembered(wrongness, table);
  const groups = new Map<Key, Predictions>();
  for (const { candidate } of pairs) {
    groups.set(keyOf(candidate), { predicted: [], target: [], wrong: [] });
  }
  predictTable(gates, table, prefixes, {
    batchSize,
    onPrediction(error, candidate, row) {
      const { predicted, target, wrong } = groups.get(keyOf(candidate)) as Predictions;
      predicted.push(error);
      target.push(targetsOf(candidate)[row]);
      wrong.push(wrongOf(candidate)[row]);
    },
  });
  return groups;
}
