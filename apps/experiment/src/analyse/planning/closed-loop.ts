import { legalPaths } from "@quee/core";
import { trainClosedLoopOn } from "@quee/gate-predictors";
import { foresee, lambdaGrid, sweepLambda } from "@quee/router";
import type { ReadyToTrain, RecipeRouter } from "../recipe-router.js";
import { macsBehind, nothingPerGate, trainingOf } from "./gate-training.js";

/** Gates foresee the cost-to-go of each next step, with λ as an input. */
export async function planClosedLoop(ready: ReadyToTrain): Promise<RecipeRouter> {
  const { data, space } = ready;
  // Trained before its networks are there: what gates cost is left out of the costs it learns with, not out of the report's.
  const costs = ready.routingCosts(nothingPerGate(space));
  const { closedLoop, curves } = await trainClosedLoopOn(data, { ...trainingOf(ready), costs });
  return {
    lambdas: lambdaGrid().filter((_, i) => i % 2 === 0),
    gateMacs: macsBehind(space, (prefix) => closedLoop.macs(prefix)),
    paths: legalPaths(space),
    routes: (table) => (lambda) =>
      sweepLambda(foresee(closedLoop.predictorFor(lambda), table, { space }), { costs }).routeAt(lambda),
    gates: [],
    epochs: curves.map(({ epochs }) => epochs.length),
    wholePaths: null,
  };
}
