import { type Analysis, tableOf } from "../analysis.js";
import { outcomesOf } from "../compare-recipes.js";
import { areas, spreadOf } from "../over-seeds.js";
import { changed } from "../recipe.js";

const grid = {
  count: [5, 20, 70],
  hidden: [16, 32],
  learningRate: [1e-3, 3e-3],
};

/** Hyper-parameters by validation images. */
export const search: Analysis = {
  name: "search",
  title: "Hyper-parameters, searched on validation images",
  source: "QuEE (arXiv 2406.14404), section 7.1.3 and table 3",
  version: 1,
  async run(bench, onProgress) {
    const { letter, range } = bench;
    const settings = grid.count.flatMap((count) =>
      grid.hidden.flatMap((hidden) => grid.learningRate.map((learningRate) => ({ count, hidden, learningRate }))),
    );
    const compared = await outcomesOf(
      bench,
      [
        { name: "as configured", recipe: letter },
        ...settings.map(({ count, ...network }) => ({
          name: `K ${count}, hidden ${network.hidden}, learning rate ${network.learningRate}`,
          recipe: changed(letter, { cells: { count }, network }),
        })),
      ],
      onProgress,
      1,
    );
    const rows = compared
      .map(({ name, outcomes }) => ({
        name,
        choose: spreadOf(areas(outcomes, range, "choose")).mean,
        test: spreadOf(areas(outcomes, range)).mean,
        epochs: outcomes[0]?.epochs.join(", ") ?? "",
      }))
      .sort((a, b) => b.choose - a.choose);
    const [best] = rows;
    const configured = rows.find(({ name }) => name === "as configured");
    return {
      text: [
        `Validation images speak for ${best?.name}; on test images it has a mean top-1 of ${(100 * (best?.test ?? 0)).toFixed(2)} %, the configured setting ${(100 * (configured?.test ?? 0)).toFixed(2)} %.`,
      ],
      figures: [],
      tables: [
        tableOf(
          "search",
          "Mean top-1 over the range of costs, first seed. Ordered by the validation images that settings are chosen on; test images choose nothing.",
          ["setting", "%validation", "%test", "epochs of each gate"],
          rows.map(({ name, choose, test, epochs }) => [name, choose, test, epochs]),
        ),
      ],
      data: rows,
    };
  },
};
