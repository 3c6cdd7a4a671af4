import { type CostTable, costOf, type Path } from "@quee/core";
import { areaUnderCurve, type CostRange, costAtAccuracy, upperEnvelope } from "@quee/metrics";
import { correctAlong, type PathTable, summarize } from "@quee/path-tables";
import { operatingPointForAccuracy } from "@quee/router";
import { z } from "zod";
import type { Parts } from "./parts.js";
import type { RecipeRouter } from "./recipe-router.js";

const spot = z.strictObject({ cost: z.number(), top1: z.number() });

export const outcomeSchema = z.strictObject({
  /** Accuracy of the whole network at the most bits, as its tables have it before any correction. */
  full: z.strictObject({ choose: z.number(), test: z.number() }),
  /** Settings that the images of `choose` recommend, dear first, and what they give on both; λ is null where all leave at once. */
  points: z.array(z.strictObject({ lambda: z.number().nullable(), choose: spot, test: spot })),
  /** The same settings where accuracy may fall by so much: the cheapest on `choose`; null where none keeps it. */
  atLoss: z.array(z.strictObject({ loss: z.number(), test: spot.nullable() })),
  gates: z.array(
    z.strictObject({
      gate: z.int(),
      rmse: z.number().nullable(),
      ece: z.number().nullable(),
      brier: z.number().nullable(),
      auroc: z.number().nullable(),
    }),
  ),
  /** That each gate trained. */
  epochs: z.array(z.int()),
  gateMacs: z.array(z.number()),
});

/** What a recipe came to with one seed. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** Accuracy, as a fraction, that may be given up against the whole network. */
export const losses = [0, 0.005, 0.01, 0.02] as const;

export function accuracyAlong(table: PathTable, path: Path): number {
  return correctAlong(table, path).reduce((sum, hit) => sum + hit, 0) / table.count;
}

export interface OutcomeOptions {
  /** That reports count, for gates that cost so much. */
  readonly costs: (gateMacs: readonly number[]) => CostTable;
  readonly full: Outcome["full"];
  /** The path of those that leave at once, a setting that every router has; null for a router that may not. */
  readonly first: Path | null;
}

/** Routes by every λ, keeps those on the upper envelope of `choose`, and says what they give on test images. */
export function outcomeOf(router: RecipeRouter, { choose, test }: Parts, options: OutcomeOptions): Outcome {
  const { costs, full, first } = options;
  const price = costs(router.gateMacs);
  const leaving = (table: PathTable, path: Path) => ({ cost: costOf(price, path), top1: accuracyAlong(table, path) });
  const spotsOn = (table: PathTable) => {
    const route = router.routes(table);
    return (lambda: number) => {
      const { cost, top1 } = summarize(route(lambda), router, price);
      return { cost, top1 };
    };
  };
  const onChoose = spotsOn(choose);
  const onTest = spotsOn(test);
  const settings = [
    ...router.lambdas.map((lambda) => ({ ...onChoose(lambda), lambda, onTest: () => onTest(lambda) })),
    ...(first === null ? [] : [{ ...leaving(choose, first), lambda: null, onTest: () => leaving(test, first) }]),
  ];
  const points = upperEnvelope(settings)
    .map(({ lambda, cost, top1, onTest: tested }) => ({ lambda, choose: { cost, top1 }, test: tested() }))
    .reverse();
  return {
    full,
    points,
    atLoss: losses.map((loss) => {
      const known = points.map((point) => ({ ...point.choose, setting: point }));
      return { loss, test: operatingPointForAccuracy(known, full.choose - loss)?.setting.test ?? null };
    }),
    gates: router.gates.map(({ gate, rmse, ece, brier, auroc }) => ({ gate, rmse, ece, brier, auroc })),
    epochs: [...router.epochs],
    gateMacs: [...router.gateMacs],
  };
}

/** By rising cost: settings were chosen elsewhere, so nothing is left out for being worse here. */
export function curveOn(split: "choose" | "test", { points }: Outcome) {
  return points.map((point) => point[split]).sort((a, b) => a.cost - b.cost || a.top1 - b.top1);
}

/** Mean accuracy over a range of costs; null where the curve begins later. */
export function meanAccuracy(split: "choose" | "test", outcome: Outcome, range: CostRange): number | null {
  const area = areaUnderCurve(curveOn(split, outcome), range);
  return area === null ? null : area / (range.to - range.from);
}

/** Where the curve of chosen settings comes to an accuracy on test images, however it was chosen. */
export function costAtLoss(outcome: Outcome, loss: number): number | null {
  return costAtAccuracy(curveOn("test", outcome), outcome.full.test - loss);
}
