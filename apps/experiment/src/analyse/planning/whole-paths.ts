import { legalPaths, type SplitRole } from "@quee/core";
import { calibrateGates, type GateTraining, gateDiagnostics, trainGatesOn } from "@quee/gate-predictors";
import type { PathTable } from "@quee/path-tables";
import { type Among, foresee, lambdasAlongCurve, resampledCandidates, sweepLambda } from "@quee/router";
import { randomStream } from "@quee/tensor";
import type { Parts } from "../parts.js";
import type { ReadyToTrain, RecipeRouter, RouterOptions } from "../recipe-router.js";
import { macsBehind, trainingOf } from "./gate-training.js";

/** λ of a curve that is read off one sweep. */
const lambdaCount = 81;

/** Gates foresee the error of whole paths. QuEE (arXiv 2406.14404), equation 9. */
export async function planWholePaths(ready: ReadyToTrain): Promise<RecipeRouter> {
  const { recipe, data, targets, correcting, parts, space } = ready;
  const trained = await trainedOnce(ready, () =>
    trainGatesOn(data, { ...trainingOf(ready), targets, loss: recipe.loss }),
  );
  const gates =
    recipe.calibration === "none"
      ? trained.gates
      : calibrateGates({ gates: trained.gates, table: correcting, method: recipe.calibration });
  const gateMacs = macsBehind(space, (prefix) => gates.macs(prefix));
  const costs = ready.routingCosts(gateMacs);
  const among = amongOf(ready);
  const sweepOf = <Role extends SplitRole>(table: PathTable<Role>) =>
    sweepLambda(
      foresee((view) => gates.predict(view), table, { space }),
      { costs, ...(among === null ? {} : { among }) },
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
}

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
