import type { RoutingTable } from "@quee/adaptive-classifier";
import { type CostTable, legalPaths, type PathSpace, QueeError, uniformPaths } from "@quee/core";
import { type CostModel, type LatencyTable, latencyCostTable, type NetworkMacs, pathCostTable } from "@quee/cost-model";
import type { Gates } from "@quee/gate-predictors";
import type { PathTable } from "@quee/path-tables";
import {
  foresee,
  type LambdaSweep,
  lambdaForAccuracy,
  lambdaForBudget,
  type OperatingPoint,
  sweepLambda,
} from "@quee/router";

const costModels: readonly CostModel[] = ["with-stem", "blocks-only", "weights-times-activations"];

export interface NamedCosts {
  readonly name: string;
  readonly costs: CostTable;
}

/** Costs of every legal path by every model of cost, that of the run first. */
export function costTables(macs: NetworkMacs, gates: Gates, first: CostModel): readonly NamedCosts[] {
  const { space } = gates;
  const most = [...space.levels].sort((a, b) => b - a).slice(0, 1);
  // The gate behind the most bits has the most candidates: no gate at its exit costs more.
  const gateMacs = most.flatMap((level) =>
    uniformPaths(level, space.exitCount - 1).map((prefix) => gates.macs(prefix)),
  );
  return [first, ...costModels.filter((model) => model !== first)].map((model) => ({
    name: model,
    costs: pathCostTable({ macs, gateMacs, paths: legalPaths(space), levels: space.levels, model }),
  }));
}

/** Costs in measured time, for blocks of the same arithmetic. */
export function latencyCosts(table: LatencyTable, space: PathSpace, arithmetic: string, batchSize: number): NamedCosts {
  if (table.arithmetic !== arithmetic) {
    throw new QueeError({
      code: "E_LATENCY",
      kind: "usage",
      where: "latency table",
      expected: `times of ${arithmetic} blocks`,
      got: table.arithmetic,
    });
  }
  const { exitCount, levels } = space;
  return {
    name: "latency",
    costs: latencyCostTable({ table, batchSize, exitCount, levels, paths: legalPaths(space) }),
  };
}

export interface Sweeps {
  readonly validation: LambdaSweep<"validation">;
  readonly test: LambdaSweep<"test">;
}

/** The curves over all λ, by table of costs. Gates are asked once for all tables. */
export function sweepsOf(
  gates: Gates,
  tables: { readonly validation: PathTable<"validation">; readonly test: PathTable<"test"> },
) {
  const options = { space: gates.space };
  const predict = (view: Parameters<Gates["predict"]>[0]) => gates.predict(view);
  const [validation, test] = [foresee(predict, tables.validation, options), foresee(predict, tables.test, options)];
  return ({ costs }: NamedCosts): Sweeps => ({
    validation: sweepLambda(validation, { costs }),
    test: sweepLambda(test, { costs }),
  });
}

/** What callers' wishes are looked up in: the points that no other beats in both cost and accuracy. */
export function routingTable({ name, costs }: NamedCosts, { validation }: Sweeps): RoutingTable {
  const byCost = validation.points.toSorted((a, b) => a.cost - b.cost || b.top1 - a.top1);
  const kept: OperatingPoint[] = [];
  for (const { setting, top1, cost } of byCost) {
    if (top1 > (kept.at(-1)?.top1 ?? -1)) kept.push({ setting, top1, cost });
  }
  return { name, costs, curve: kept.toSorted((a, b) => a.setting - b.setting) };
}

/** A wish, the λ that validation images recommend, and what it gives. */
export interface GrantedWish {
  readonly kind: "budget" | "accuracy-drop";
  readonly value: number;
  readonly isReached: boolean;
  readonly lambda: number;
  readonly validation: { readonly top1: number; readonly cost: number };
  readonly test: { readonly top1: number; readonly cost: number };
}

/** Operating points of one table of costs: for budgets, and for accuracy lost against full precision. */
export function grantedWishes(
  { validation, test }: Sweeps,
  {
    budgets,
    drops,
    floatTop1,
  }: { readonly budgets: readonly number[]; readonly drops: readonly number[]; readonly floatTop1: number },
): readonly GrantedWish[] {
  const granted = (
    kind: GrantedWish["kind"],
    value: number,
    { reached, point }: ReturnType<typeof lambdaForBudget>,
  ) => {
    const onTest = test.pointAt(point.setting);
    return {
      ...{ kind, value, isReached: reached, lambda: point.setting },
      validation: { top1: point.top1, cost: point.cost },
      test: { top1: onTest.top1, cost: onTest.cost },
    };
  };
  return [
    ...budgets.map((budget) => granted("budget", budget, lambdaForBudget(validation, budget))),
    ...drops.map((drop) => granted("accuracy-drop", drop, lambdaForAccuracy(validation, floatTop1 - drop))),
  ];
}

export function wishesCsv(byCosts: ReadonlyMap<string, readonly GrantedWish[]>): string {
  const rows = [...byCosts].flatMap(([costs, wishes]) =>
    wishes.map(({ kind, value, isReached, lambda, validation, test }) =>
      [costs, kind, value, isReached, lambda, validation.top1, validation.cost, test.top1, test.cost].join(),
    ),
  );
  return ["costs,wish,value,reached,lambda,validation_top1,validation_cost,test_top1,test_cost", ...rows, ""].join(
    "\n",
  );
}
