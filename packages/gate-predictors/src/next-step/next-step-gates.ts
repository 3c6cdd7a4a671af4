import { type GateView, legalPaths, nextLevels, type Path, type PathKey, type PathSpace, pathKey } from "@quee/core";
import { type GateArchitecture, gateMacs } from "../architecture.js";
import { encodePaths, encodingOf } from "../encode-path.js";
import { gateFeatures } from "../gate-features.js";
import { gateBehind } from "../gates.js";
import type { GateNetwork } from "../network.js";
import { noGateHere } from "../no-gate-here.js";
import { type Predictor, preparePredictor } from "../predictor.js";

/** Gates that foresee one loss per step, at the one λ that they were trained for. */
export interface NextStepGates {
  readonly architecture: GateArchitecture;
  readonly space: PathSpace;
  /** By gate, 2 … E. */
  readonly networks: ReadonlyMap<number, GateNetwork>;
  /** ℓ̂*_b of every image and step, [n, A] row-major: what `nextStepPolicy` of `@quee/router` asks for. */
  predict(view: GateView): { readonly steps: readonly Path[]; readonly predictedLoss: Float32Array };
  /** Multiply-accumulates of one decision behind `prefix`. */
  macs(prefix: Path): number;
}

/** To leave (the prefix itself), then the prefix with each level that may follow, most bits first. */
export function stepsBehind(prefix: Path, space: PathSpace): readonly Path[] {
  return [prefix, ...nextLevels(prefix, space).map((level) => [...prefix, level])];
}

/** Losses are no probabilities: the last layer stands as it is. QuEE (arXiv 2406.14404), section 7.3. */
export function lossPerStep(network: GateNetwork, steps: readonly Path[], space: PathSpace): Predictor {
  return preparePredictor(network, encodePaths(steps, encodingOf(space)), "linear");
}

export function createNextStepGates(
  architecture: GateArchitecture,
  space: PathSpace,
  networks: ReadonlyMap<number, GateNetwork>,
): NextStepGates {
  const byPrefix = new Map<PathKey, { readonly steps: readonly Path[]; readonly predict: Predictor }>();
  for (const prefix of legalPaths(space)) {
    const network = networks.get(gateBehind(prefix));
    if (network === undefined) continue;
    const steps = stepsBehind(prefix, space);
    byPrefix.set(pathKey(prefix), { steps, predict: lossPerStep(network, steps, space) });
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
    predict(view) {
      const { steps, predict } = gateAt(view.prefix);
      return { steps, predictedLoss: predict(gateFeatures(view, architecture.extraFeatures)) };
    },
    macs: (prefix) => gateMacs(architecture, gateAt(prefix).steps.length),
  };
}
