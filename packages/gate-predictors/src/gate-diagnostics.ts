import { type ErrorScores, errorScores } from "./error-scores.js";
import { type ForetellOptions, foretell } from "./foretell.js";
import { gatePairs } from "./pairs.js";

/** How well one gate foretells, over all samples of a table and all its (prefix, candidate) pairs. */
export interface GateDiagnostics extends ErrorScores {
  /** 2 … E */
  readonly gate: number;
}

export type GateDiagnosticsOptions = ForetellOptions;

/** One row per gate. `gateReports` tells which of its predictions are the good ones. */
export function gateDiagnostics(options: GateDiagnosticsOptions): readonly GateDiagnostics[] {
  return gatePairs(options.gates.space).map((pairs) => {
    const [[, all]] = foretell(options, pairs, () => pairs.gate);
    return { gate: pairs.gate, ...errorScores(all) };
  });
}
