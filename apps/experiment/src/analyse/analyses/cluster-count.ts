import { chooseClusterCount } from "@quee/error-target-clustering";
import { clusterCountFigure } from "@quee/report";
import { type Analysis, figureOf, tableOf } from "../analysis.js";
import { curvesAndAreas, outcomesOf } from "../compare-recipes.js";
import { areas, spreadOf } from "../over-seeds.js";
import { changed } from "../recipe.js";

const scored = [1, 2, 5, 10, 20, 35, 50, 70, 100];
const routed = [1, 5, 20, 70];
/** Of the ten that the experiment makes: the scores are means over paths and halvings. */
const restarts = 3;

/** How many cells: calibration, Brier score and the curve. */
export const clusterCount: Analysis = {
  name: "cluster-count",
  title: "How many cells",
  source: "QuEE (arXiv 2406.14404), figures 5B, 5C and 9, section 7.1.4",
  version: 1,
  async run(bench, onProgress) {
    const { letter, opened, run, seeds } = bench;
    const { validation } = opened.tables;
    const dataset = run.config.dataset.name;
    const chosen = letter.cells.count;
    const ofSplits = scored.length * seeds.length;
    const all = ofSplits + routed.length * seeds.length;
    let done = 0;
    const choice = await chooseClusterCount({
      ...{
        table: validation,
        clusterCounts: scored.filter((count) => 2 * count <= validation.count),
        splits: seeds.length,
      },
      ...{ restarts, shrinkage: letter.cells.shrinkage, seed: seeds[0] ?? 0, signal: run.signal },
      lloyd: await bench.lloyd(),
      onScore: () => onProgress(++done, all, "numbers of cells"),
    });
    const compared = await outcomesOf(
      bench,
      routed.map((count) => ({ name: `K = ${count}`, recipe: changed(letter, { cells: { count } }) })),
      (routes) => onProgress(ofSplits + routes, all, "numbers of cells"),
    );
    const byEce = choice.scores.reduce((a, b) => (b.ece < a.ece ? b : a));
    const byArea = compared.map(({ name, outcomes }) => ({ name, area: spreadOf(areas(outcomes, bench.range)).mean }));
    const best = byArea.reduce((a, b) => (b.area > a.area ? b : a));
    const figure = (score: "ece" | "brier") =>
      figureOf(
        score,
        `Fitted on one half of the validation images, scored on the other; ${seeds.length} halvings, κ = ${letter.cells.shrinkage}.`,
        clusterCountFigure({ dataset, score, points: choice.scores, parabola: choice.parabolas[score], chosen }),
      );
    const curves = curvesAndAreas(bench, compared, {
      title: "Accuracy against cost for different numbers of cells",
      caption: "Mean over seeds; gates learn the p̃e of so many cells.",
      order: "scale",
    });
    return {
      text: [
        `Calibration error is least at K = ${byEce.clusterCount}, the Brier score at K = ${choice.clusterCount}; the experiment uses ${chosen}. One cell has an ECE of ${(100 * (choice.scores[0]?.ece ?? 0)).toFixed(2)} %: it says the base rate, which is calibrated and tells nothing apart.`,
        `Of ${routed.join(", ")} cells, ${best.name} routes best: mean top-1 ${(100 * best.area).toFixed(2)} %.`,
      ],
      figures: [...figure("ece"), ...figure("brier"), ...curves.figures],
      tables: [
        tableOf(
          "scores",
          "Means over paths and halvings of the validation images.",
          ["cells", "%ECE", "#Brier"],
          choice.scores.map(({ clusterCount: count, ece, brier }) => [String(count), ece, brier]),
        ),
        ...curves.tables,
      ],
      data: {
        scores: choice.scores.map(({ clusterCount: count, ece, brier, bySplit }) => ({
          count,
          ece,
          brier,
          bySplit: bySplit.map((one) => ({ ...one })),
        })),
        curves: curves.data,
      },
    };
  },
};
