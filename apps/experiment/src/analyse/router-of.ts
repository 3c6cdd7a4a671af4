import { type CostTable, legalPaths, type Path, type PathSpace, type SplitRole } from "@quee/core";
import type { LloydRunner } from "@quee/error-target-clustering";
import {
  calibrateGates,
  type GateDiagnostics,
  type Gates,
  type GateTraining,
  gateDiagnostics,
  prepareGateData,
  type TableTargets,
  trainClosedLoopOn,
  trainGatesOn,
  trainNextStepOn,
} from "@quee/gate-predictors";
import type { PathTable, Replay } from "@quee/path-tables";
import {
  type Among,
  foresee,
  type LambdaSweep,
  lambdaGrid,
  lambdasAlongCurve,
  nextStepTargets,
  type Predict,
  resampledCandidates,
  sweepLambda,
} from "@quee/router";
import { randomStream } from "@quee/tensor";
import { dealt, extraFeatures, learnedAndStopping } from "../stages/gate-choices.js";
import type { Parts } from "./parts.js";
import type { GateRecipe } from "./recipe.js";
import { targetsFor } from "./recipe-targets.js";

export interface RouterOptions {
  readonly recipe: GateRecipe;
  /** Already of the recipe's logits. */
  readonly parts: Parts;
  /** Already of the recipe's paths. */
  readonly space: PathSpace;
  /** What the router weighs with λ. @param gateMacs of the gates before blocks 2 … E */
  readonly routingCosts: (gateMacs: readonly number[]) => CostTable;
  readonly seed: number;
  readonly lloyd: LloydRunner;
  readonly signal: AbortSignal;
}

export interface RecipeRouter {
  /** Rising; where along the curve there is something to see, by the images of `choose`. */
  readonly lambdas: readonly number[];
  /** Before blocks 2 … E. */
  readonly gateMacs: readonly number[];
  readonly paths: readonly Path[];
  /** Where λ sends the images of a table; `pathIndex` counts in `paths`. Asks the gates once per table, or once per λ. */
  readonly routes: (table: PathTable) => (lambda: number) => Replay;
  /** Of gates that foresee errors; none of those that foresee losses. */
  readonly gates: readonly GateDiagnostics[];
  /** That each gate ran, where there is one training. */
  readonly epochs: readonly number[];
  /** Where whole paths are compared: the gates, what they learnt, and every λ at once. */
  readonly wholePaths: WholePaths | null;
}

export interface WholePaths {
  readonly gates: Gates;
  readonly targets: TableTargets;
  sweepOf<Role extends SplitRole>(table: PathTable<Role>): LambdaSweep<Role>;
}

/** λ of a curve that is read off one sweep. */
const lambdaCount = 81;
/** λ that are each a training of section 7.3, from dear to cheap. */
export const nextStepLambdas = [0, 0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 3] as const;

/** Makes gates as the recipe says, and the router that asks them. */
export async function routerOf(options: RouterOptions): Promise<RecipeRouter> {
  const { recipe, parts, seed, lloyd, signal } = options;
  const isCorrected = recipe.calibration !== "none";
  const [fitting, correcting] = isCorrected
    ? dealt(parts.fit, 3 / 5, seed, "images that correct gates")
    : [parts.fit, parts.fit];
  const [learned, stopping] = learnedAndStopping(fitting, seed);
  const targets = await targetsFor({ recipe, space: options.space, table: fitting, seed, lloyd, signal });
  const data = prepareGateData({
    train: recipe.images === "train" ? parts.train : learned,
    validation: recipe.images === "train" ? fitting : stopping,
    space: options.space,
    extraFeatures: extraFeatures[recipe.features],
  });
  return routersBy[recipe.planning]({ ...options, targets, data, correcting });
}

interface Made extends RouterOptions {
  readonly targets: TableTargets;
  readonly data: ReturnType<typeof prepareGateData>;
  readonly correcting: PathTable<"validation">;
}

const routersBy: Readonly<Record<GateRecipe["planning"], (made: Made) => Promise<RecipeRouter>>> = {
  async "whole-paths"(made) {
    const { recipe, data, targets, correcting, parts, space } = made;
    const trained = await trainedOnce(made, () =>
      trainGatesOn(data, { ...trainingOf(made), targets, loss: recipe.loss }),
    );
    const gates =
      recipe.calibration === "none"
        ? trained.gates
        : calibrateGates({ gates: trained.gates, table: correcting, method: recipe.calibration });
    const gateMacs = macsBehind(space, (prefix) => gates.macs(prefix));
    const costs = made.routingCosts(gateMacs);
    const among = amongOf(made);
    const sweepOf = <Role extends SplitRole>(table: PathTable<Role>) =>
      sweepLambda(
        foresee((view) => gates.predict(view), table, { space }),
        {
          costs,
          ...(among === null ? {} : { among }),
        },
      );
    const chosen = sweepOf(parts.choose);
    return {
      lambdas: lambdasAlongCurve(chosen, lambdaCount),
      gateMacs,
      paths: chosen.paths,
      routes: (table) => (table === parts.choose ? chosen : sweepOf(table)).routeAt,
      gates: gateDiagnostics({ gates, table: parts.test, targets }),
      epochs: trained.curves.map(({ epochs }) => epochs.length),
      wholePaths: { gates, targets, sweepOf },
    };
  },

  async "next-step"(made) {
    const { data, targets, space } = made;
    const costs = made.routingCosts(nothingPerGate(space));
    let gateMacs: readonly number[] = [];
    const byLambda = new Map<number, Predict>();
    for (const lambda of nextStepLambdas) {
      const gates = await trainNextStepOn(data, {
        ...trainingOf(made),
        lossesOf: (prefix, table) =>
          nextStepTargets(prefix, { space, costs, lambda, targetsOf: (path) => targets(path, table) }),
      });
      gateMacs = macsBehind(space, (prefix) => gates.macs(prefix));
      byLambda.set(lambda, (view) => {
        const { steps, predictedLoss } = gates.predict(view);
        return { candidates: steps, predictedError: predictedLoss };
      });
    }
    // The losses hold the costs already: equation 20 is the router at λ = 0.
    const routeBy = (table: PathTable) => (lambda: number) =>
      sweepLambda(foresee(byLambda.get(lambda) as Predict, table, { space }), { costs }).routeAt(0);
    const silent = { gates: [], epochs: [], wholePaths: null };
    return { lambdas: nextStepLambdas, gateMacs, paths: legalPaths(space), routes: routeBy, ...silent };
  },

  async "closed-loop"(made) {
    const { data, space } = made;
    // Trained before its networks are there: what gates cost is left out of the costs it learns with, not out of the report's.
    const costs = made.routingCosts(nothingPerGate(space));
    const { closedLoop, curves } = await trainClosedLoopOn(data, { ...trainingOf(made), costs });
    const gateMacs = macsBehind(space, (prefix) => closedLoop.macs(prefix));
    return {
      lambdas: lambdaGrid().filter((_, i) => i % 2 === 0),
      gateMacs,
      paths: legalPaths(space),
      routes: (table) => (lambda) =>
        sweepLambda(foresee(closedLoop.predictorFor(lambda), table, { space }), { costs }).routeAt(lambda),
      gates: [],
      epochs: curves.map(({ epochs }) => epochs.length),
      wholePaths: null,
    };
  },
};

/** Gates by what they were trained on and how: what only routing looks at needs no training. Kept as long as the tables are. */
const trainings = new WeakMap<Parts, Map<string, Promise<GateTraining>>>();

function trainedOnce({ recipe, parts, space, seed }: RouterOptions, train: () => Promise<GateTraining>) {
  const ofParts = trainings.get(parts) ?? new Map<string, Promise<GateTraining>>();
  trainings.set(parts, ofParts);
  const { candidates: _, routingCost: __, calibration, ...learning } = recipe;
  // A correction leaves fewer images to fit on; which correction it is does not matter here.
  const key = JSON.stringify([learning, calibration === "none", legalPaths(space), seed]);
  const found = ofParts.get(key) ?? train();
  ofParts.set(key, found);
  return found;
}

function nothingPerGate({ exitCount }: PathSpace): readonly number[] {
  return Array.from({ length: exitCount - 1 }, () => 0);
}

function trainingOf({ recipe, seed, signal }: Pick<RouterOptions, "recipe" | "seed" | "signal">) {
  const { embedding, ...network } = recipe.network;
  return { ...network, ...(network.reading === "B" ? {} : { embedding }), seed, signal };
}

/** Of the gates before blocks 2 … E: the largest at each, as no image can pay more. 0 where a sample of paths left none. */
function macsBehind(space: PathSpace, macs: (prefix: Path) => number): readonly number[] {
  const paths = legalPaths(space);
  return Array.from({ length: space.exitCount - 1 }, (_, j) =>
    paths.filter(({ length }) => length === j + 1).reduce((most, prefix) => Math.max(most, macs(prefix)), 0),
  );
}

function amongOf({ recipe, space, seed }: RouterOptions): Among | null {
  const { candidates } = recipe;
  const most = Math.max(...space.levels);
  if (candidates === "all") return null;
  if (candidates === "early-exit-only") return (paths) => paths.filter((path) => path.every((level) => level === most));
  if (candidates === "quantization-only") return (paths) => paths.filter(({ length }) => length === space.exitCount);
  return resampledCandidates({
    count: candidates,
    random: (gate) => randomStream(seed, `candidates behind ${gate}`),
  });
}
