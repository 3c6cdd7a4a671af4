import { legalPaths } from "@quee/core";
import { seriesFigure } from "@quee/report";
import { type Analysis, figureOf, tableOf } from "../analysis.js";
import { type NamedOutcomes, outcomesOf } from "../compare-recipes.js";
import { areas, spreadOf } from "../over-seeds.js";
import { changed, type GateRecipe } from "../recipe.js";

/** How many paths are enough. */
export const sampledPaths: Analysis = {
  name: "sampled-paths",
  title: "How many paths are enough",
  source: "QuEE (arXiv 2406.14404), section 4 below equation 9, section 5.2 and section 6",
  version: 1,
  async run(bench, onProgress) {
    const { letter, space, range } = bench;
    const all = legalPaths(space).length;
    const fixed = [...new Set([0.3, 0.5, 0.7, 0.85].map((share) => Math.round(share * all)))].filter(
      (n) => n > 1 && n < all,
    );
    const drawn = [2, 3, 5, 8].filter((count) => count < all);
    const recipes: { readonly kind: "fixed" | "drawn" | "all"; readonly count: number; readonly recipe: GateRecipe }[] =
      [
        ...fixed.map((count) => ({ kind: "fixed" as const, count, recipe: changed(letter, { paths: count }) })),
        ...drawn.map((count) => ({ kind: "drawn" as const, count, recipe: changed(letter, { candidates: count }) })),
        { kind: "all" as const, count: all, recipe: letter },
      ];
    const named = recipes.map(({ kind, count, recipe }) => ({ name: `${kind} ${count}`, recipe }));
    const outcomes = await outcomesOf(bench, named, onProgress);
    const rows = recipes.map(({ kind, count }, r) => ({
      ...{ kind, count },
      ...spreadOf(areas((outcomes[r] as NamedOutcomes).outcomes, range)),
    }));
    const pointsOf = (kind: "fixed" | "drawn") =>
      rows
        .filter((row) => row.kind === kind || row.kind === "all")
        .map(({ count, mean: y, halfWidth }) => ({ x: count, y, halfWidth }));
    const whole = rows.at(-1);
    const enough = rows.find(({ kind, mean }) => kind === "drawn" && whole !== undefined && mean >= whole.mean - 0.001);
    return {
      text: [
        enough === undefined
          ? `Every sample loses more than 0.1 points of mean top-1 against all ${all} paths.`
          : `${enough.count} candidates drawn anew at each gate come within 0.1 points of mean top-1 of all ${all} paths.`,
      ],
      figures: figureOf(
        "areas",
        "Fixed: one set for clusters, gates and routing. Drawn: at each gate other candidates, to leave among them; all gates know all paths. Bars are 95 % intervals over seeds.",
        seriesFigure(
          [
            { name: "one fixed set", points: pointsOf("fixed") },
            { name: "drawn anew at each gate", points: pointsOf("drawn") },
          ],
          {
            title: "Mean accuracy against the number of paths",
            xLabel: "paths in the set, or candidates at a gate",
            yLabel: `mean top-1 on test images, costs from ${Math.round(100 * range.from)} to ${Math.round(100 * range.to)} %`,
          },
        ),
      ),
      tables: [
        tableOf(
          "sampled-paths",
          "Mean over seeds on test images.",
          ["sampling", "#paths", "%mean top-1", "%±"],
          rows.map(({ kind, count, mean, halfWidth }) => [kind, count, mean, halfWidth]),
        ),
      ],
      data: rows,
    };
  },
};
