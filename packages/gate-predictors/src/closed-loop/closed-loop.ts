import {
  type CostTable,
  type GateView,
  legalPaths,
  type Path,
  type PathKey,
  type PathSpace,
  pathKey,
} from "@quee/core";
import { type GateArchitecture, gateMacs, type NetworkWidths, widthsOf } from "../architecture.js";
import { encodingOf } from "../encode-path.js";
import { gateFeatures } from "../gate-features.js";
import { gateBehind, type Prediction } from "../gates.js";
import type { GateNetwork } from "../network.js";
import { noGateHere } from "../no-gate-here.js";
import { preparePredictor } from "../predictor.js";
import { encodeSteps, type LambdaRange, stepEncodingWidth, withinRange } from "./encode-step.js";
import { lossBound, type Step, stepsFrom } from "./steps.js";

/**
 * Gates that foresee what the rest of the way will cost them, mistake and computation together, when every later gate decides
 * as it will: the fixed point that the paper's gates, which compare whole paths as if nothing were learnt on the way, miss.
 * One network per gate for every λ.
 */
export interface ClosedLoop {
  readonly architecture: GateArchitecture;
  readonly space: PathSpace;
  /** The costs that the later steps were trained with. The next step's own cost is added by whoever decides. */
  readonly costs: CostTable;
  readonly range: LambdaRange;
  /** By gate, 2 … E. */
  readonly networks: ReadonlyMap<number, GateNetwork>;
  /**
   * At one λ, the steps from a view and the loss still to come behind each, [n, steps]: the probability of error and λ times
   * the cost of all blocks behind the step. With it, `λ·cost(candidate) + predictedError`, the rule of equation 18, takes the
   * step of least cost-to-go; so this stands in for the `predict` of the paper's gates.
   */
  predictorFor(lambda: number): (view: GateView) => Prediction;
  /** Multiply-accumulates of one decision behind `prefix`. */
  macs(prefix: Path): number;
}

export interface ClosedLoopParts extends Omit<ClosedLoop, "predictorFor" | "macs"> {}

/** An encoded step has one number more than a path: λ. */
export function closedLoopWidths(architecture: GateArchitecture): NetworkWidths {
  return { ...widthsOf(architecture), path: stepEncodingWidth(architecture.exitCount) };
}

export function createClosedLoop(parts: ClosedLoopParts): ClosedLoop {
  const { architecture, space, costs, networks, range } = parts;
  const stepsBehind = new Map<PathKey, readonly Step[]>(
    legalPaths(space)
      .filter((prefix) => networks.has(gateBehind(prefix)))
      .map((prefix) => [pathKey(prefix), stepsFrom(prefix, space, costs)]),
  );
  const stepsAt = (prefix: Path) => {
    const steps = stepsBehind.get(pathKey(prefix));
    if (steps === undefined) throw noGateHere(prefix);
    return steps;
  };
  return {
    ...parts,
    predictorFor(lambda) {
      const trained = withinRange(lambda, range);
      const prepared = new Map(
        Array.from(stepsBehind, ([key, steps]) => {
          const network = networks.get(gateBehind(steps[0].path)) as GateNetwork;
          return [key, lossPredictor(network, steps, [trained], { range, space })];
        }),
      );
      return (view) => {
        const steps = stepsAt(view.prefix);
        const predict = prepared.get(pathKey(view.prefix)) as LossPredictor;
        const predictedError = predict(gateFeatures(view, architecture.extraFeatures));
        return { candidates: steps.map(({ path }) => path), predictedError };
      };
    },
    macs: (prefix) => gateMacs(architecture, stepsAt(prefix).length, closedLoopWidths(architecture)),
  };
}

type LossPredictor = ReturnType<typeof preparePredictor>;

/** Losses to come behind every step at every λ. @returns of u [n, …]: [n, steps · λ], steps outside */
export function lossPredictor(
  network: GateNetwork,
  steps: readonly Step[],
  lambdas: readonly number[],
  { range, space }: Pick<ClosedLoop, "range" | "space">,
): LossPredictor {
  const paths = steps.map(({ path }) => path);
  const predict = preparePredictor(network, encodeSteps(paths, lambdas, range, encodingOf(space)));
  const bounds = Float64Array.from(steps.flatMap((step) => lambdas.map((lambda) => lossBound(step, lambda))));
  return (features) => {
    const losses = predict(features);
    for (let at = 0; at < losses.length; at++) losses[at] *= bounds[at % bounds.length];
    return losses;
  };
}
