import type { Pays, Rival, RivalSetting } from "@quee/baselines";
import { type CostTable, legalPaths, pathKey } from "@quee/core";
import type { Gates } from "@quee/gate-predictors";
import type { PathTable, Replay } from "@quee/path-tables";
import {
  type Foresight,
  foresee,
  type LambdaSweep,
  lambdaForBudget,
  lambdasAlongCurve,
  queePolicy,
  sweepLambda,
} from "@quee/router";

/** λ along the curve, budgets aside. */
const lambdaCount = 61;

/**
 * QuEE with the face of its rivals, so that it is measured as they are. One foresight per table serves every λ and every model
 * of cost. QuEE (arXiv 2406.14404), section 5.3.
 * @param budgets mean costs for which the best λ on validation images is among the settings
 */
export function queeMethod(gates: Gates, pays: Pays, budgets: readonly number[]): Rival {
  const predict = gates.predict.bind(gates);
  const foreseen = new WeakMap<PathTable, Foresight>();
  return {
    name: "quee",
    role: "rival",
    parameter: "lambda",
    needs: (space) => ({ trainPaths: legalPaths(space), paths: legalPaths(space), featurePaths: [] }),
    async fit({ space, validation, costs }) {
      const prices = costs(pays);
      const foresight = foresee(predict, validation, { space });
      foreseen.set(validation, foresight);
      const sweep = sweepLambda(foresight, { costs: prices });
      const chosen = budgets.map((budget) => lambdaForBudget(sweep, budget).point.setting);
      const lambdas = [...new Set([...lambdasAlongCurve(sweep, lambdaCount), ...chosen])].sort((a, b) => a - b);
      const routes = new WeakMap<PathTable, (lambda: number) => Replay>();
      const routeOn = (table: PathTable) => {
        const known = routes.get(table);
        if (known !== undefined) return known;
        const foresightOf = foreseen.get(table) ?? foresee(predict, table, { space });
        foreseen.set(table, foresightOf);
        const route = routesOf(foresightOf, table, prices);
        routes.set(table, route);
        return route;
      };
      const settings = lambdas.map((lambda): RivalSetting => {
        const policy = queePolicy({ predict, costs: prices, lambda, space });
        return { setting: lambda, policy, replay: (table) => routeOn(table)(lambda) };
      });
      return { pays, trainings: space.exitCount - 1, settings };
    },
  };
}

/** Where each λ sends the samples of a table, with indices into the paths of the table. */
function routesOf(foresight: Foresight, table: PathTable, costs: CostTable): (lambda: number) => Replay {
  const sweep: LambdaSweep = sweepLambda(foresight, { costs });
  const indexOf = new Map(table.paths.map((path, p) => [pathKey(path), p]));
  const places = sweep.paths.map((path) => indexOf.get(pathKey(path)) ?? -1);
  return (lambda) => {
    const route = sweep.routeAt(lambda);
    return { ...route, pathIndex: route.pathIndex.map((p) => places[p] ?? -1) };
  };
}
