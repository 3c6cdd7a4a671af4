import { compareCurves, rightnessAtCost } from "@quee/baselines";
import type { CostTable } from "@quee/core";
import { commonCostRange, type DifferenceInterval, mean, pairedResamples } from "@quee/metrics";
import type { PathTable } from "@quee/path-tables";
import type { Results } from "@quee/report";
import { belowEnvelope, type ChosenPoint, chosenPoints } from "./chosen-points.js";
import type { MeasuredMethod } from "./measured-method.js";
import type { Prices } from "./prices.js";

type Comparison = NonNullable<Results["comparison"]>;
type Pair = Comparison["pairs"][number];

/** A method with its seeds, the config's own first, under one model of cost. */
export type SeededMethod = readonly MeasuredMethod[];

/** Rivals that the paper orders among themselves; QuEE is compared with all. QuEE (arXiv 2406.14404), section 5.5. */
const amongRivals = [
  ["dqnet-gate", "static-ptq"],
  ["jei-dnn", "static-ptq"],
  ["threshold-max-probability", "static-ptq"],
  ["jei-dnn", "dqnet-gate"],
] as const;

/** Costs at which methods meet, besides the budgets of the config. */
const matchedCosts = [0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Costs over which a mean difference is taken: enough that the curves are straight between. */
const gridSize = 25;

/** Of every bootstrap. */
export const resamples = 2000;

export interface CompareOptions {
  readonly methods: readonly SeededMethod[];
  readonly test: PathTable<"test">;
  readonly prices: Prices;
  readonly budgets: readonly number[];
  readonly seeds: readonly number[];
  /** Accuracy of the whole network at the most bits. */
  readonly fullTop1: number;
}

/** How methods stand to each other on test images, at the points that validation images chose. */
export function compareMethods(options: CompareOptions): Omit<Comparison, "paths" | "costModels"> {
  const { methods, test, prices, budgets, seeds, fullTop1 } = options;
  const [seed] = seeds;
  const known = methods.map((method) => seededPoints(method, prices, test));
  const interval = pairedResamples({ count: test.count, resamples, seed: seed ?? 0 });
  const costs = costsToMatch(budgets);
  const pairOf = ([a, b]: readonly [Seeded, Seeded]) => comparePair(a, b, { costs, interval });
  return {
    seeds: [...seeds],
    resamples,
    fullTop1,
    methods: known.map(({ name, first, bySeed, costs: table }) => {
      const [numbers] = compareCurves([bySeed], fullTop1).methods;
      const range = commonCostRange(bySeed);
      return {
        method: name,
        role: name === "quee" ? "main" : first.role,
        trainings: first.trainings,
        settings: first.settings.length,
        chosen: bySeed[0]?.length ?? 0,
        belowEnvelope: mean(methodOf(methods, name).map((one) => belowEnvelope(one, table))) ?? 0,
        range,
        meanTop1BySeed: bySeed.map(
          (points) => compareCurves([[points], bySeed], fullTop1).methods[0]?.meanTop1 ?? null,
        ),
        costAtDrop: (numbers?.costAtDrop ?? []).map((one) => ({ ...one })),
      };
    }),
    pairs: pairsOf(known).map(pairOf),
  };
}

/** Curves and mean accuracies under another model of cost: nothing was trained for it. */
export function underModel(
  model: string,
  options: Pick<CompareOptions, "methods" | "test" | "prices" | "fullTop1">,
): Comparison["costModels"][number] {
  const { methods, test, prices, fullTop1 } = options;
  const known = methods.map((method) => seededPoints(method.slice(0, 1), prices, test));
  return {
    model,
    methods: known.map(({ name, bySeed }) => ({
      method: name,
      points: (bySeed[0] ?? []).map(({ setting, top1, cost }) => ({ setting, top1, cost })),
      costAtDrop: (compareCurves([bySeed], fullTop1).methods[0]?.costAtDrop ?? []).map((one) => ({ ...one })),
    })),
    pairs: pairsOf(known).map(([a, b]) => {
      const { range, methods: both } = compareCurves([a.bySeed, b.bySeed], fullTop1);
      const [first, second] = both.map(({ meanTop1 }) => meanTop1);
      const isKnown = range !== null && first != null && second != null;
      return { first: a.name, second: b.name, range, meanTop1: isKnown ? [first, second] : null };
    }),
  };
}

interface Seeded {
  readonly name: string;
  readonly first: MeasuredMethod;
  readonly costs: CostTable;
  readonly bySeed: readonly (readonly ChosenPoint[])[];
}

function seededPoints(method: SeededMethod, prices: Prices, test: PathTable<"test">): Seeded {
  const [first] = method;
  if (first === undefined) throw new RangeError("a method has at least one seed");
  const bySeed = method.map((one) => chosenPoints(one, prices(one.pays), test));
  return { name: first.name, first, costs: prices(first.pays), bySeed };
}

function methodOf(methods: readonly SeededMethod[], name: string): SeededMethod {
  return methods.find(([first]) => first?.name === name) ?? [];
}

function pairsOf(known: readonly Seeded[]): readonly (readonly [Seeded, Seeded])[] {
  const find = (name: string) => known.find((one) => one.name === name);
  const quee = find("quee");
  const own = quee === undefined ? [] : known.filter((one) => one !== quee).map((one) => [quee, one] as const);
  const others = amongRivals.flatMap(([a, b]) => {
    const [first, second] = [find(a), find(b)];
    return first === undefined || second === undefined ? [] : [[first, second] as const];
  });
  return [...own, ...others];
}

/** A point of a curve with what it has right, [N]. */
export type RightPoint = Pick<ChosenPoint, "cost" | "top1" | "correct">;

/** A method's points by seed, by rising cost. */
export interface RightCurve {
  readonly name: string;
  readonly bySeed: readonly (readonly RightPoint[])[];
}

/** Costs at which methods meet: those of budgets, and some that every config shares. */
export function costsToMatch(budgets: readonly number[]): readonly number[] {
  return [...new Set([...budgets, ...matchedCosts])].sort((a, b) => a - b);
}

export type Interval = (a: ArrayLike<number>, b: ArrayLike<number>) => DifferenceInterval;

/** Two methods at the same mean costs, image by image. */
export function comparePair(
  a: RightCurve,
  b: RightCurve,
  { costs, interval }: { readonly costs: readonly number[]; readonly interval: Interval },
): Pair {
  const difference = (rights: readonly (Float64Array | null)[]) => {
    const [one, other] = rights;
    if (one == null || other == null) return null;
    const told = interval(one, other);
    return { ...told, significant: told.low > 0 || told.high < 0 };
  };
  const range = commonCostRange([...a.bySeed, ...b.bySeed]);
  const over = (from: number, to: number) => {
    const told = difference([a, b].map(({ bySeed }) => meanRightness(bySeed, grid(from, to))));
    return told === null ? null : { from, to, ...told };
  };
  const isWide = range !== null && range.to > range.from;
  const middle = isWide ? (range.from + range.to) / 2 : 0;
  return {
    first: a.name,
    second: b.name,
    whole: isWide ? over(range.from, range.to) : null,
    cheapHalf: isWide ? over(range.from, middle) : null,
    dearHalf: isWide ? over(middle, range.to) : null,
    at: costs.flatMap((cost) => {
      const told = difference([a, b].map(({ bySeed }) => meanRightness(bySeed, [cost])));
      return told === null ? [] : [{ cost, ...told }];
    }),
  };
}

function grid(from: number, to: number): readonly number[] {
  return Array.from({ length: gridSize }, (_, i) => from + ((to - from) * i) / (gridSize - 1));
}

/**
 * Mean over seeds and costs of how right a method is about each image; between two points it is a mixture of both by lot. Null
 * where a seed has no point so cheap. @returns [N]
 */
function meanRightness(seeds: RightCurve["bySeed"], costs: readonly number[]): Float64Array | null {
  let sum: Float64Array | null = null;
  for (const points of seeds) {
    for (const cost of costs) {
      const right = rightnessAtCost(points, cost);
      if (right === null) return null;
      sum = sum === null ? right : sum.map((value, i) => value + (right[i] ?? 0));
    }
  }
  return sum?.map((value) => value / (seeds.length * costs.length)) ?? null;
}
