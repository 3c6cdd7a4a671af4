import type { Bits } from "@quee/core";
import type { Calibrator } from "./calibrator.js";

/** Corrects what one gate says about the paths whose last block runs at `bits`. */
export interface GateCalibration {
  /** 2 … E */
  readonly gate: number;
  readonly bits: Bits;
  readonly calibrator: Calibrator;
}
