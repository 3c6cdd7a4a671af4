import type { Pays, Rival, RivalInputs, RivalSetting } from "@quee/baselines";
import { type Bits, legalPaths, pathKey, type SplitRole } from "@quee/core";
import type { Gates } from "@quee/gate-predictors";
import type { PathTable, Replay } from "@quee/path-tables";
import { type LambdaSweep, lambdaForBudget, lambdasAlongCurve } from "@quee/router";
import { queeRouters } from "./quee-routers.js";

/** λ along each curve, budgets aside. */
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
      const remembered = new WeakMap<PathTable, Sweeps>();
      const sweepsOn = (table: PathTable) => {
        const sweeps = remembered.get(table) ?? router.sweepsOn(table);
        remembered.set(table, sweeps);
        return sweeps;
      };
      const sweeps = router.sweepsOn(validation);
      remembered.set(validation, sweeps);
      const settings = settingsOf(sweeps, budgets).map(
        ({ lambda, firstBits }): RivalSetting => ({
          setting: lambda,
          ...(space.firstBlock === "any" ? { firstBits } : {}),
          policy: router.policyAt(lambda, firstBits),
          replay: (table) => routeAt(sweepsOn(table), table, lambda, firstBits),
        }),
      );
      return { pays, trainings: space.exitCount - 1, settings };
    },
  };
}

type Sweeps<Role extends SplitRole = SplitRole> = ReadonlyMap<Bits, LambdaSweep<Role>>;

interface Setting {
  readonly lambda: number;
  readonly firstBits: Bits;
}

/** λ along the curve behind every level of block 1, and those for budgets, by rising λ. */
function settingsOf(sweeps: Sweeps<"validation">, budgets: readonly number[]): readonly Setting[] {
  const points = [...sweeps.values()].flatMap((sweep) => sweep.points);
  const along = [...sweeps].flatMap(([firstBits, sweep]) =>
    lambdasAlongCurve(sweep, lambdaCount).map((lambda): Setting => ({ lambda, firstBits })),
  );
  const chosen = budgets.map((budget): Setting => {
    const { setting, firstBits } = lambdaForBudget({ role: "validation", points }, budget).point;
    return { lambda: setting, firstBits };
  });
  const all = new Map([...along, ...chosen].map((one) => [`${one.lambda} ${one.firstBits}`, one]));
  return [...all.values()].sort((a, b) => a.lambda - b.lambda || b.firstBits - a.firstBits);
}

/** Where a setting sends the samples of a table, with indices into the paths of the table. */
function routeAt(sweeps: Sweeps, table: PathTable, lambda: number, firstBits: Bits): Replay {
  const sweep = sweeps.get(firstBits);
  if (sweep === undefined) throw new RangeError(`no sweep behind ${firstBits} bits`);
  const indexOf = new Map(table.paths.map((path, p) => [pathKey(path), p]));
  const places = sweep.paths.map((path) => indexOf.get(pathKey(path)) ?? -1);
  const route = sweep.routeAt(lambda);
  return { ...route, pathIndex: route.pathIndex.map((p) => places[p] ?? -1) };
}
