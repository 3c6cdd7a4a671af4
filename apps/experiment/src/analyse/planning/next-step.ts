import { legalPaths } from "@quee/core";
import { trainNextStepOn } from "@quee/gate-predictors";
import type { PathTable } from "@quee/path-tables";
import { foresee, nextStepTargets, type Predict, sweepLambda } from "@quee/router";
import type { ReadyToTrain, RecipeRouter } from "../recipe-router.js";
import { macsBehind, nothingPerGate, trainingOf } from "./gate-training.js";

/** λ that are each a training, from dear to cheap. */
export const nextStepLambdas = [0, 0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 3] as const;

/** Gates foresee the loss of their own next step. QuEE (arXiv 2406.14404), section 7.3. */
export async function planNextStep(ready: ReadyToTrain): Promise<RecipeRouter> {
  const { data, targets, space } = ready;
  const costs = ready.routingCosts(nothingPerGate(space));
  let gateMacs: readonly number[] = [];
  const byLambda = new Map<number, Predict>();
  for (const lambda of nextStepLambdas) {
    const gates = await trainNextStepOn(data, {
      ...trainingOf(ready),
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
  const routes = (table: PathTable) => (lambda: number) =>
    sweepLambda(foresee(byLambda.get(lambda) as Predict, table, { space }), { costs }).routeAt(0);
  const silent = { gates: [], epochs: [], wholePaths: null };
  return { lambdas: nextStepLambdas, gateMacs, paths: legalPaths(space), routes, ...silent };
}
