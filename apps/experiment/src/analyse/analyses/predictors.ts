import { mean } from "@quee/metrics";
import { predictorCurvesFigure } from "@quee/report";
import { type Analysis, figureOf, tableOf } from "../analysis.js";
import { outcomesOf } from "../compare-recipes.js";
import { areas, meanCurve, spreadOf } from "../over-seeds.js";
import { changed, type RecipeChange } from "../recipe.js";

const variants: readonly (readonly [string, RecipeChange])[] = [
  ["trained for 1 epoch", { network: { maxEpochs: 1 } }],
  ["trained for 3 epochs", { network: { maxEpochs: 3 } }],
  ["embedding 2, hidden 2", { network: { embedding: 2, hidden: 2 } }],
  ["embedding 16, hidden 64", { network: { embedding: 16, hidden: 64 } }],
];

/** Whether predictors that are nearer to their targets route better. */
export const predictors: Analysis = {
  name: "predictors",
  title: "Predictors of different RMSE",
  source: "QuEE (arXiv 2406.14404), section 6, figure 4",
  version: 1,
  async run(bench, onProgress) {
    const { letter, range, costWords } = bench;
    const compared = await outcomesOf(
      bench,
      [
        { name: "as configured", recipe: letter },
        ...variants.map(([name, change]) => ({ name, recipe: changed(letter, change) })),
      ],
      onProgress,
    );
    const rows = compared
      .map(({ name, outcomes }) => ({
        ...{ name, area: spreadOf(areas(outcomes, range)).mean, points: meanCurve(outcomes, range) },
        rmse: mean(outcomes.flatMap(({ gates }) => gates.map((gate) => gate.rmse ?? Number.NaN))) ?? Number.NaN,
        auroc: mean(outcomes.flatMap(({ gates }) => gates.flatMap(({ auroc }) => (auroc === null ? [] : [auroc])))),
      }))
      .sort((a, b) => a.rmse - b.rmse);
    const [nearest, farthest] = [rows[0], rows.at(-1)];
    const isAsPaper = nearest !== undefined && farthest !== undefined && nearest.area > farthest.area;
    return {
      text: [
        `The predictors nearest to their targets (${nearest?.name}) ${isAsPaper ? "route better than" : "do not route better than"} the farthest (${farthest?.name}): mean top-1 ${(100 * (nearest?.area ?? 0)).toFixed(2)} % against ${(100 * (farthest?.area ?? 0)).toFixed(2)} %.`,
      ],
      figures: figureOf(
        "curves",
        "RMSE over all gates, test images and pairs of prefix and candidate; mean over seeds.",
        predictorCurvesFigure(rows, { dataset: bench.run.config.dataset.name, costLabel: costWords }),
      ),
      tables: [
        tableOf(
          "predictors",
          "On test images, means over seeds.",
          ["predictors", "#RMSE", "#AUROC", "%mean top-1"],
          rows.map(({ name, rmse, auroc, area }) => [name, rmse, auroc, area]),
        ),
      ],
      data: rows.map(({ name, rmse, area, points }) => ({
        ...{ name, rmse, area },
        points: points.map(({ cost, top1 }) => ({ cost, top1 })),
      })),
    };
  },
};
