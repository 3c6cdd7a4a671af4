import type { SplitRole } from "@quee/core";
import { type ErrorScores, errorScores } from "./error-scores.js";
import { foretell } from "./foretell.js";
import type { Gates } from "./gates.js";
import { gatePairs } from "./pairs.js";
import type { ProbabilityTable } from "./probability-table.js";
import type { TableTargets } from "./remembered.js";

/** How well one gate foretells, over all samples of a table and all its (prefix, candidate) pairs. */
export interface GateDiagnostics extends ErrorScores {
  /** 2 … E */
  readonly gate: number;
}

export interface GateDiagnosticsOptions {
  readonly gates: Gates;
  readonly table: ProbabilityTable<SplitRole>;
  readonly targets: TableTargets;
  /** Samples per prediction; bounds memory, changes nothing. */
  readonly batchSize?: number;
}

/** One row per gate. `gateReports` tells which of its predictions are the good ones. */
export function gateDiagnostics(options: GateDiagnosticsOptions): readonly GateDiagnostics[] {
  return gatePairs(options.gates.space).map((pairs) => {
    const [[, all]] = foretell(options, pairs, () => pairs.gate);
    return { gate: pairs.gate, ...errorScores(all) };
  });
}
