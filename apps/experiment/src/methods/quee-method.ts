import type { Pays, Rival, RivalInputs, RivalSetting } from "@quee/baselines";
import { legalPaths, pathKey } from "@quee/core";
import type { Gates } from "@quee/gate-predictors";
import type { PathTable, Replay } from "@quee/path-tables";
import { firstBitsAt, type LambdaSweep, lambdaForBudget, lambdasAlongCurve } from "@quee/router";
import { queeRouters } from "./quee-routers.js";

/** λ along the curve, budgets aside. */
const lambdaCount = 61;

export interface QueeMethodOptions {
  readonly pays: Pays;
  /** Mean costs for which the best λ on validation images is among the settings. */
  readonly budgets: readonly number[];
  /** What λ weighs; by default what is counted. */
  readonly weighed?: RivalInputs["costs"];
}

/**
 * QuEE with the face of its rivals, so that it is measured as they are. One foresight per table serves every λ. QuEE
 * (arXiv 2406.14404), section 5.3.
 */
export function queeMethod(gates: Pick<Gates, "predict">, { pays, budgets, weighed }: QueeMethodOptions): Rival {
  return {
    name: "quee",
    role: "rival",
    parameter: "lambda",
    needs: (space) => ({ trainPaths: legalPaths(space), paths: legalPaths(space), featurePaths: [] }),
    async fit({ space, validation, costs }) {
      const counted = costs(pays);
      const router = queeRouters({ gates, space, validation })({ counted, weighed: weighed?.(pays) ?? counted });
      const sweep = router.sweepOn(validation);
      const routes = new WeakMap<PathTable, (lambda: number) => Replay>([[validation, routesOf(sweep, validation)]]);
      const routeOn = (table: PathTable) => {
        const route = routes.get(table) ?? routesOf(router.sweepOn(table), table);
        routes.set(table, route);
        return route;
      };
      const chosen = budgets.map((budget) => lambdaForBudget(sweep, budget).point.setting);
      const lambdas = [...new Set([...lambdasAlongCurve(sweep, lambdaCount), ...chosen])].sort((a, b) => a - b);
      const settings = lambdas.map(
        (lambda): RivalSetting => ({
          setting: lambda,
          ...(space.firstBlock === "any" ? { firstBits: firstBitsAt(router.firstGate, lambda) } : {}),
          policy: router.policyAt(lambda),
          replay: (table) => routeOn(table)(lambda),
        }),
      );
      return { pays, trainings: space.exitCount - 1, settings };
    },
  };
}

/** Where each λ sends the samples of a table, with indices into the paths of the table. */
function routesOf({ paths, routeAt }: LambdaSweep, table: PathTable): (lambda: number) => Replay {
  const indexOf = new Map(table.paths.map((path, p) => [pathKey(path), p]));
  const places = paths.map((path) => indexOf.get(pathKey(path)) ?? -1);
  return (lambda) => {
    const route = routeAt(lambda);
    return { ...route, pathIndex: route.pathIndex.map((p) => places[p] ?? -1) };
  };
}
