import type { SplitRole } from "@quee/core";
import { type Calibrator, fitCalibrator } from "./calibrator.js";
import { foretell } from "./foretell.js";
import { createGates, type Gates } from "./gates.js";
import { gatePairs } from "./pairs.js";
import type { ProbabilityTable } from "./probability-table.js";
import { wrongness } from "./wrongness.js";

export interface CalibrateGatesOptions {
  readonly gates: Gates;
  /** Images that neither trained the gates nor stopped their training. */
  readonly table: ProbabilityTable<Extract<SplitRole, "validation" | "calibration">>;
  readonly method: Calibrator["kind"];
}

/**
 * Fits h to the outcomes, per gate and per bits of the block that answers: fewer bits err more often than their p̂ says, and
 * one curve for all levels cannot undo that. Calibrations that the gates had are replaced.
 */
export function calibrateGates({ gates, table, method }: CalibrateGatesOptions): Gates {
  const { architecture, space, networks } = gates;
  const plain = createGates(architecture, space, networks);
  const calibrations = gatePairs(space).flatMap((pairs) => {
    const byBits = foretell({ gates: plain, table, targets: wrongness }, pairs, (path) => path[path.length - 1]);
    return Array.from(byBits, ([bits, foretold]) => {
      return { gate: pairs.gate, bits, calibrator: fitCalibrator[method](foretold) };
    });
  });
  return createGates(architecture, space, networks, calibrations);
}
