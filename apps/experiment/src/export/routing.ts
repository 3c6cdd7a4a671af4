import type { RoutingTable } from "@quee/adaptive-classifier";
import { type Bits, type CostTable, legalPaths, type PathSpace, QueeError, uniformPaths } from "@quee/core";
import { type CostModel, type LatencyTable, latencyCostTable, type NetworkMacs, pathCostTable } from "@quee/cost-model";
import type { Gates } from "@quee/gate-predictors";
import type { PathTable } from "@quee/path-tables";
import { type FirstGate, type LambdaSweep, lambdaForAccuracy, lambdaForBudget } from "@quee/router";
import { queeRouters } from "../methods/quee-routers.js";

const costModels: readonly CostModel[] = ["with-stem", "blocks-only", "weights-times-activations"];

export interface NamedCosts {
  readonly name: string;
  readonly costs: CostTable;
  /** What λ weighs, where that is another table. */
  readonly routesBy?: NamedCosts;
}

/** Costs of every legal path by every model of cost, that of the run first, and routed by what the run weighs. */
export function costTables(
  macs: NetworkMacs,
  gates: Gates,
  { model: first, routing = first }: { readonly model: CostModel; readonly routing?: CostModel | undefined },
): readonly NamedCosts[] {
  const { space } = gates;
  const most = [...space.levels].sort((a, b) => b - a).slice(0, 1);
  // The gate behind the most bits has the most candidates: no gate at its exit costs more.
  const gateMacs = most.flatMap((level) =>
    uniformPaths(level, space.exitCount - 1).map((prefix) => gates.macs(prefix)),
  );
  const named = (model: CostModel): NamedCosts => ({
    name: model,
    costs: pathCostTable({ macs, gateMacs, paths: legalPaths(space), levels: space.levels, model }),
  });
  const own = { ...named(first), ...(routing === first ? {} : { routesBy: named(routing) }) };
  return [own, ...costModels.filter((model) => model !== first).map(named)];
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
  readonly firstGate: FirstGate;
  /** Behind every level that block 1 may run at. */
  readonly validation: ReadonlyMap<Bits, LambdaSweep<"validation">>;
  readonly test: ReadonlyMap<Bits, LambdaSweep<"test">>;
}

function pointsOf({ validation }: Pick<Sweeps, "validation">) {
  return [...validation.values()].flatMap(({ points }) => points);
}

/** The curves over all λ, by table of costs. Gates are asked once for all tables. */
export function sweepsOf(
  gates: Gates,
  tables: { readonly validation: PathTable<"validation">; readonly test: PathTable<"test"> },
) {
  const routerAt = queeRouters({ gates, space: gates.space, validation: tables.validation });
  return ({ costs, routesBy }: NamedCosts): Sweeps => {
    const { firstGate, sweepsOn } = routerAt({ weighed: routesBy?.costs ?? costs, counted: costs });
    return { firstGate, validation: sweepsOn(tables.validation), test: sweepsOn(tables.test) };
  };
}

/** What callers' wishes are looked up in: the points that no other beats in both cost and accuracy. */
export function routingTable(
  { name, costs, routesBy }: NamedCosts,
  { firstGate, validation }: Sweeps,
  { firstBlock }: PathSpace,
): RoutingTable {
  const byCost = pointsOf({ validation }).toSorted((a, b) => a.cost - b.cost || b.top1 - a.top1);
  const kept: RoutingTable["curve"][number][] = [];
  for (const { setting, top1, cost, firstBits } of byCost) {
    if (top1 > (kept.at(-1)?.top1 ?? -1)) {
      kept.push({ setting, top1, cost, ...(firstBlock === "highest" ? {} : { firstBits }) });
    }
  }
  return {
    name,
    costs,
    ...(routesBy === undefined ? {} : { routesBy: routesBy.name }),
    ...(firstBlock === "highest" ? {} : { firstGate }),
    curve: kept.toSorted((a, b) => a.setting - b.setting),
  };
}

/** A wish, the λ that validation images recommend, and what it gives. */
export interface GrantedWish {
  readonly kind: "budget" | "accuracy-drop";
  readonly value: number;
  readonly isReached: boolean;
  readonly lambda: number;
  /** Of block 1. */
  readonly firstBits: Bits;
  readonly validation: { readonly top1: number; readonly cost: number };
  readonly test: { readonly top1: number; readonly cost: number };
}

/** Operating points of one table of costs: for budgets, and for accuracy lost against full precision. */
export function grantedWishes(
  { validation, test }: Pick<Sweeps, "validation" | "test">,
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
    const onTest = test.get(point.firstBits)?.pointAt(point.setting);
    if (onTest === undefined) throw new RangeError(`no curve behind ${point.firstBits} bits`);
    return {
      ...{ kind, value, isReached: reached, lambda: point.setting, firstBits: point.firstBits },
      validation: { top1: point.top1, cost: point.cost },
      test: { top1: onTest.top1, cost: onTest.cost },
    };
  };
  const known = { role: "validation", points: pointsOf({ validation }) } as const;
  return [
    ...budgets.map((budget) => granted("budget", budget, lambdaForBudget(known, budget))),
    ...drops.map((drop) => granted("accuracy-drop", drop, lambdaForAccuracy(known, floatTop1 - drop))),
  ];
}

export function wishesCsv(byCosts: ReadonlyMap<string, readonly GrantedWish[]>): string {
  const rows = [...byCosts].flatMap(([costs, wishes]) =>
    wishes.map(({ kind, value, isReached, lambda, firstBits, validation, test }) =>
      [
        ...[costs, kind, value, isReached, lambda],
        ...[validation.top1, validation.cost, test.top1, test.cost, firstBits],
      ].join(),
    ),
  );
  const header = "costs,wish,value,reached,lambda,validation_top1,validation_cost,test_top1,test_cost,bits_of_block_1";
  return [header, ...rows, ""].join("\n");
}
