import { type GateView, legalPaths, type Path, type PathKey, type PathSpace, pathKey, startsWith } from "@quee/core";
import { type GateArchitecture, gateMacs } from "./architecture.js";
import { applyCalibrator } from "./calibrator.js";
import { encodePaths, encodingOf } from "./encode-path.js";
import type { GateCalibration } from "./gate-calibration.js";
import { gateFeatures } from "./gate-features.js";
import type { GateNetwork } from "./network.js";
import { noGateHere } from "./no-gate-here.js";
import { type Predictor, preparePredictor } from "./predictor.js";

/** What a gate foresees for the images of a view. */
export interface Prediction {
  /** P_π: the legal paths that begin with the prefix, shorter first, more bits first. The first is the prefix: exit now. */
  readonly candidates: readonly Path[];
  /** p̂e(f_π' | x), [n, A] row-major */
  readonly predictedError: Float32Array;
}

/** The predictors h² … h^E. QuEE (arXiv 2406.14404), section 4.2. */
export interface Gates {
  readonly architecture: GateArchitecture;
  readonly space: PathSpace;
  /** By gate, 2 … E: gate j sits behind exit j − 1. The first gate has no parameters. */
  readonly networks: ReadonlyMap<number, GateNetwork>;
  /** Where predictions are corrected; empty where they are the networks' own. */
  readonly calibrations: readonly GateCalibration[];
  /** Throws for the empty prefix and for paths of full length, where there is nothing to foresee. */
  predict(view: GateView): Prediction;
  /** Multiply-accumulates that one decision at the gate behind `prefix` costs. */
  macs(prefix: Path): number;
}

/** The gate that decides behind `prefix`. */
export function gateBehind(prefix: Path): number {
  return prefix.length + 1;
}

/** Puts trained networks behind every prefix that they decide for. */
export function createGates(
  architecture: GateArchitecture,
  space: PathSpace,
  networks: ReadonlyMap<number, GateNetwork>,
  calibrations: readonly GateCalibration[] = [],
): Gates {
  const paths = legalPaths(space);
  const byPrefix = new Map<PathKey, { candidates: readonly Path[]; predict: Predictor }>();
  for (const prefix of paths) {
    const network = networks.get(gateBehind(prefix));
    if (network === undefined) continue;
    const candidates = paths.filter((path) => startsWith(path, prefix));
    const predict = calibrated(
      preparePredictor(network, encodePaths(candidates, encodingOf(space))),
      candidates,
      calibrations.filter(({ gate }) => gate === gateBehind(prefix)),
    );
    byPrefix.set(pathKey(prefix), { candidates, predict });
  }
  const gateAt = (prefix: Path) => {
    const gate = byPrefix.get(pathKey(prefix));
    if (gate === undefined) throw noGateHere(prefix);
    return gate;
  };
  return {
    architecture,
    space,
    networks,
    calibrations,
    predict(view) {
      const { candidates, predict } = gateAt(view.prefix);
      return { candidates, predictedError: predict(gateFeatures(view, architecture.extraFeatures)) };
    },
    macs: (prefix) => gateMacs(architecture, gateAt(prefix).candidates.length),
  };
}

/** Corrects the columns of the candidates whose last bits have a calibration. */
function calibrated(
  predict: Predictor,
  candidates: readonly Path[],
  calibrations: readonly GateCalibration[],
): Predictor {
  if (calibrations.length === 0) return predict;
  const byBits = new Map(calibrations.map(({ bits, calibrator }) => [bits, applyCalibrator(calibrator)]));
  const correct = candidates.map((path) => byBits.get(path[path.length - 1]) ?? ((predicted: number) => predicted));
  return (features) => predict(features).map((predicted, at) => correct[at % correct.length](predicted));
}
