import { QueeError } from "@quee/core";
import { interpolateOnEnvelope, pairedResamples } from "@quee/metrics";
import type { ComparedPair, Curve, Outcomes } from "@quee/report";
import { differences } from "../config/differences.js";
import { comparePair, costsToMatch, type RightCurve, type RightPoint, resamples } from "../methods/comparison.js";
import { unpackBits } from "../methods/outcomes.js";
import type { FinishedRun } from "./read-run.js";

/** Two runs beside each other. `first` less `second`; costs are fractions of the whole network of the first. */
export interface RunComparison {
  readonly first: string;
  readonly second: string;
  /** Values of the two configs that differ, `key: first → second`. */
  readonly config: readonly string[];
  /** What one unit of cost of the second run is in those of the first. */
  readonly costScale: number;
  /** Why there are no intervals; null where both were tested on the same images. */
  readonly unpaired: string | null;
  /** Of every method that both have, image by image; empty where `unpaired` says why. */
  readonly pairs: readonly (Omit<ComparedPair, "first" | "second"> & { readonly method: string })[];
  /** Accuracies of curves at the same costs, whichever images they are from. */
  readonly curves: readonly {
    readonly method: string;
    readonly at: readonly { readonly cost: number; readonly first: number; readonly second: number }[];
  }[];
}

/** @throws QueeError where the numbers of the two mean different things */
export function pairRuns(a: FinishedRun, b: FinishedRun): RunComparison {
  assertComparable(a, b);
  const costScale = b.results.cost.unitCost / a.results.cost.unitCost;
  const methods = a.results.curves.map(({ method }) => method).filter((method) => curveOf(b, method) !== undefined);
  const costs = costsToMatch([...budgetsOf(a), ...budgetsOf(b)]);
  const unpaired = whyUnpaired(a, b);
  return {
    ...{ first: a.name, second: b.name, costScale, unpaired },
    config: differences(a.config, b.config),
    pairs:
      unpaired === null && a.outcomes !== null && b.outcomes !== null
        ? pairsOf(a.outcomes, b.outcomes, methods, { costs, costScale, seed: a.results.experiment.seed })
        : [],
    curves: methods.map((method) => ({
      method,
      at: costs.flatMap((cost) => {
        const [first, second] = [
          accuracyAt(curveOf(a, method), cost),
          accuracyAt(curveOf(b, method), cost / costScale),
        ];
        return first === null || second === null ? [] : [{ cost, first, second }];
      }),
    })),
  };
}

function assertComparable(a: FinishedRun, b: FinishedRun): void {
  const refuse = (where: string, expected: string, got: string, hint?: string) =>
    new QueeError({
      ...{ code: "E_NOT_COMPARABLE", kind: "usage", where, expected, got },
      ...(hint === undefined ? {} : { hint }),
    });
  if (a.path === b.path) throw refuse("runs", "two of them", `${a.name} twice`);
  const [one, other] = [a.results, b.results];
  if (one.dataset !== other.dataset)
    throw refuse(`dataset of ${b.name}`, `${one.dataset}, as of ${a.name}`, other.dataset);
  if (one.cost.model !== other.cost.model || one.cost.unit !== other.cost.unit) {
    throw refuse(
      `cost of ${b.name}`,
      `${one.cost.unit} by the model ${one.cost.model}, as of ${a.name}`,
      `${other.cost.unit} by ${other.cost.model}`,
      `Run one of them again with cost.model=${one.cost.model}: what is unchanged comes from the cache`,
    );
  }
}

/** Pixels and labels decide, not names. */
function whyUnpaired(a: FinishedRun, b: FinishedRun): string | null {
  for (const { name, outcomes } of [a, b]) {
    if (outcomes === null) return `${name} has no outcomes.json: run it again, what is unchanged comes from the cache`;
  }
  return a.outcomes?.testImages === b.outcomes?.testImages ? null : "they were tested on different images";
}

function curveOf({ results }: FinishedRun, method: string): Curve | undefined {
  return results.curves.find((curve) => curve.method === method);
}

function budgetsOf({ results }: FinishedRun): readonly number[] {
  return results.operatingPoints.map(({ budget }) => budget);
}

/** Between two points a mixture by lot; null below the cheapest. */
function accuracyAt(curve: Curve | undefined, cost: number): number | null {
  if (curve === undefined) return null;
  return interpolateOnEnvelope(
    [...curve.points].sort((one, other) => one.cost - other.cost),
    cost,
  );
}

interface PairOptions {
  readonly costs: readonly number[];
  readonly costScale: number;
  readonly seed: number;
}

function pairsOf(a: Outcomes, b: Outcomes, methods: readonly string[], { costs, costScale, seed }: PairOptions) {
  const interval = pairedResamples({ count: a.count, resamples, seed });
  return methods.flatMap((method): RunComparison["pairs"] => {
    const [first, second] = [rightCurve(a, method, 1), rightCurve(b, method, costScale)];
    if (first === null || second === null) return [];
    const { whole, cheapHalf, dearHalf, at } = comparePair(first, second, { costs, interval });
    return [{ method, whole, cheapHalf, dearHalf, at }];
  });
}

function rightCurve({ curves, count }: Outcomes, method: string, scale: number): RightCurve | null {
  const found = curves.find((curve) => curve.method === method);
  if (found === undefined) return null;
  const bySeed = found.bySeed.map((points) =>
    points.map(({ cost, right }): RightPoint => {
      const correct = unpackBits(right, count);
      if (correct === null) {
        const where = `outcomes.json: ${method}`;
        throw new QueeError({
          code: "E_OUTCOMES",
          kind: "artifact",
          where,
          expected: `bits of ${count} images`,
          got: "others",
        });
      }
      return { cost: cost * scale, correct, top1: correct.reduce((sum, hit) => sum + hit, 0) / count };
    }),
  );
  return { name: method, bySeed };
}
