import { type Analysis, tableOf } from "../analysis.js";
import { gainWords, type NamedRecipe, outcomesOf } from "../compare-recipes.js";
import { areas, pointsText, spreadOf } from "../over-seeds.js";
import { changed, type GateRecipe } from "../recipe.js";

const grid = {
  count: [5, 20, 70],
  hidden: [16, 32],
  learningRate: [1e-3, 3e-3],
};

/** Hyper-parameters by validation images: searched with the first seed, the winner confirmed with all. */
export const search: Analysis = {
  name: "search",
  title: "Hyper-parameters, searched on validation images",
  source: "QuEE (arXiv 2406.14404), section 7.1.3 and table 3",
  version: 2,
  async run(bench, onProgress) {
    const { letter, range } = bench;
    const recipes = recipesAround(letter);
    const searched = await outcomesOf(bench, recipes, onProgress, 1);
    const rows = searched
      .map(({ name, outcomes }) => ({
        name,
        choose: spreadOf(areas(outcomes, range, "choose")).mean,
        test: spreadOf(areas(outcomes, range)).mean,
        epochs: outcomes[0]?.epochs.join(", ") ?? "",
      }))
      .sort((a, b) => b.choose - a.choose);
    const best = recipes.find(({ name }) => name === rows[0]?.name) as NamedRecipe;
    const configured = recipes[0] as NamedRecipe;
    const confirmed = await outcomesOf(bench, best === configured ? [configured] : [configured, best], onProgress);
    const means = confirmed.map(({ name, outcomes }) => ({
      name,
      choose: spreadOf(areas(outcomes, range, "choose")),
      test: spreadOf(areas(outcomes, range)),
    }));
    return {
      text: [
        `Validation images of the first seed speak for ${best.name}.`,
        ...(best === configured
          ? []
          : [`On test images, over ${bench.seeds.length} seeds: ${gainWords(bench, confirmed, 1)}`]),
      ],
      figures: [],
      tables: [
        tableOf(
          "search",
          "Mean top-1 over the range of costs, first seed. Ordered by the validation images that settings are chosen on; test images choose nothing.",
          ["setting", "%validation", "%test", "epochs of each gate"],
          rows.map(({ name, choose, test, epochs }) => [name, choose, test, epochs]),
        ),
        tableOf(
          "confirmed",
          `The winner and the configured setting over ${bench.seeds.length} seeds, mean top-1 in percent with 95 % intervals.`,
          ["setting", "validation", "test"],
          means.map(({ name, choose, test }) => [name, pointsText(choose), pointsText(test)]),
        ),
      ],
      data: {
        searched: rows,
        confirmed: means.map(({ name, choose, test }) => ({ name, choose: { ...choose }, test: { ...test } })),
      },
    };
  },
};

/** The configured setting first. */
function recipesAround(letter: GateRecipe): readonly NamedRecipe[] {
  const settings = grid.count.flatMap((count) =>
    grid.hidden.flatMap((hidden) => grid.learningRate.map((learningRate) => ({ count, hidden, learningRate }))),
  );
  return [
    { name: "as configured", recipe: letter },
    ...settings.map(({ count, ...network }) => ({
      name: `K ${count}, hidden ${network.hidden}, learning rate ${network.learningRate}`,
      recipe: changed(letter, { cells: { count }, network }),
    })),
  ];
}
