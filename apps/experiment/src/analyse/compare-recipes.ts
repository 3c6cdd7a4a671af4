import { curvesFigure, type NamedCurve } from "@quee/report";
import { type AnalysisResult, figureOf, tableOf } from "./analysis.js";
import type { Outcome } from "./outcome.js";
import { areas, areasWithin, meanCurve, pointsText, spreadOf } from "./over-seeds.js";
import type { GateRecipe } from "./recipe.js";
import type { Workbench } from "./workbench.js";

export interface NamedRecipe {
  readonly name: string;
  readonly recipe: GateRecipe;
}

export interface NamedOutcomes {
  readonly name: string;
  readonly outcomes: readonly Outcome[];
}

/** Every recipe with every seed, or with the first `seedCount` of them. */
export async function outcomesOf(
  bench: Workbench,
  recipes: readonly NamedRecipe[],
  onProgress: (done: number, total: number, unit: string) => void,
  seedCount = bench.seeds.length,
): Promise<readonly NamedOutcomes[]> {
  const seeds = bench.seeds.slice(0, seedCount);
  const all: NamedOutcomes[] = [];
  for (const { name, recipe } of recipes) {
    const outcomes: Outcome[] = [];
    for (const seed of seeds) {
      outcomes.push(await bench.outcome(recipe, seed));
      onProgress(all.length * seeds.length + outcomes.length, recipes.length * seeds.length, "trainings");
    }
    all.push({ name, outcomes });
  }
  return all;
}

/** Curves of ways to do it, the first one thickest, and their mean accuracy. */
export function curvesAndAreas(
  { range, costWords }: Pick<Workbench, "range" | "costWords">,
  compared: readonly NamedOutcomes[],
  options: { readonly title: string; readonly caption: string; readonly order?: "ways" | "scale" },
): Pick<AnalysisResult, "figures" | "tables"> & { readonly data: AnalysisResult["data"] } {
  const { title, caption, order = "ways" } = options;
  const curves: readonly NamedCurve[] = compared.map(({ name, outcomes }) => ({
    name,
    points: meanCurve(outcomes, range),
  }));
  const full = spreadOf(compared[0]?.outcomes.map((outcome) => outcome.full.test) ?? []).mean;
  const reference = { name: "whole network at the most bits", top1: full };
  const percents = [range.from, range.to].map((cost) => Math.round(100 * cost));
  return {
    figures: figureOf("curves", caption, curvesFigure(curves, { title, costLabel: costWords, order, reference })),
    tables: [
      tableOf(
        "areas",
        `Mean top-1 on test images over costs from ${percents.join(" to ")} %, settings chosen on validation images.`,
        ["", "%mean top-1", "points against the first"],
        compared.map(({ name, outcomes }, row) => {
          const [own, first] = [areasWithin(outcomes, range), areas(compared[0]?.outcomes ?? [], range)];
          if (own === null) return [name, null, "no exits, so no such costs"];
          const gain = spreadOf(own.map((area, s) => area - (first[s] ?? Number.NaN)));
          return [name, spreadOf(own).mean, row === 0 ? "" : pointsText(gain)];
        }),
      ),
    ],
    data: curves.map(({ name, points }) => ({
      name,
      points: points.map(({ interval, ...point }) => ({
        ...point,
        interval: interval === undefined ? null : [...interval],
      })),
    })),
  };
}

/** Gain in points of the `row`-th over the first, in words. */
export function gainWords(
  { range }: Pick<Workbench, "range">,
  compared: readonly NamedOutcomes[],
  row: number,
): string {
  const [own, first] = [compared[row], compared[0]];
  if (own === undefined || first === undefined) throw new RangeError("nothing to compare");
  const before = areas(first.outcomes, range);
  const gain = spreadOf(areas(own.outcomes, range).map((area, s) => area - (before[s] ?? Number.NaN)));
  const points = `${pointsText(gain)} points of mean top-1`;
  if (gain.halfWidth === null) return `${own.name} against ${first.name}: ${points}, one seed.`;
  if (Math.abs(gain.mean) <= gain.halfWidth)
    return `${own.name} against ${first.name}: ${points}, which the seeds do not tell from nothing.`;
  return `${own.name} ${gain.mean > 0 ? "beats" : "loses to"} ${first.name}: ${points}.`;
}
