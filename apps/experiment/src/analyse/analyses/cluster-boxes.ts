import { type Path, pathKey } from "@quee/core";
import { describeClusters } from "@quee/error-target-clustering";
import { clusterBoxFigure } from "@quee/report";
import { type Analysis, figureOf, tableOf } from "../analysis.js";
import { changed } from "../recipe.js";
import { cellsFor } from "../recipe-targets.js";

/** Few cells, as the left halves of figures 6 and 7 have. */
const few = 6;

/** What is in a cell: entropy and probability of the label. */
export const clusterBoxes: Analysis = {
  name: "cluster-boxes",
  title: "What separates the cells",
  source: "QuEE (arXiv 2406.14404), figures 5A, 6, 7 and 8",
  version: 1,
  async run(bench, onProgress) {
    const { letter, space, seeds, run } = bench;
    const [seed = 0] = seeds;
    const { fit, test } = bench.parts(seed);
    // Like the paper's 7→6→6: through all blocks, most bits first, then fewer.
    const sorted = space.levels.toSorted((a, b) => b - a);
    const path = Array.from(
      { length: space.exitCount },
      (_, j) => sorted[Math.min(j === 0 ? 0 : 1, sorted.length - 1)],
    ) as Path;
    const counts = [...new Set([few, letter.cells.count])];
    const described = [];
    for (const [c, count] of counts.entries()) {
      const recipe = changed(letter, { cells: { count } });
      const table = { ...fit, paths: [path] };
      const lloyd = await bench.lloyd();
      // One path is all that is drawn.
      const only = { ...space, only: path.map((_, j) => path.slice(0, j + 1)) };
      const cells = await cellsFor({ recipe, space: only, table, seed, lloyd, signal: run.signal });
      described.push({ count, clusters: describeClusters(cells, path, test) });
      onProgress(c + 1, counts.length, "numbers of cells");
    }
    const quantities = ["entropy", "labelProbability"] as const;
    const last = described.at(-1);
    const [first, final] = [
      last?.clusters.find(({ count }) => count > 0),
      last?.clusters.findLast(({ count }) => count > 0),
    ];
    return {
      text: [
        `Path ${pathKey(path)}, ${last?.count} cells: the cell that errs least has a median entropy of ${(first?.entropy?.median ?? 0).toFixed(3)} nats and a median p̂ of the label of ${(first?.labelProbability?.median ?? 0).toFixed(3)}; the one that errs most ${(final?.entropy?.median ?? 0).toFixed(3)} and ${(final?.labelProbability?.median ?? 0).toFixed(3)}.`,
      ],
      figures: described.flatMap(({ count, clusters }) =>
        quantities.flatMap((quantity) =>
          figureOf(
            `${quantity === "entropy" ? "entropy" : "label"}-${count}`,
            `K = ${count}; cells from the least p̃e to the largest, test images in them.`,
            clusterBoxFigure({ dataset: run.config.dataset.name, path: pathKey(path), quantity, clusters }),
          ),
        ),
      ),
      tables: described.map(({ count, clusters }) =>
        tableOf(
          `cells-${count}`,
          `K = ${count}.`,
          ["cell", "%p̃e", "#test images", "#median entropy", "#median p̂ of the label"],
          clusters.map(({ errorRate, count: images, entropy, labelProbability }, cell) => [
            ...[String(cell + 1), errorRate, images],
            ...[entropy?.median ?? null, labelProbability?.median ?? null],
          ]),
        ),
      ),
      data: described.map(({ count, clusters }) => ({
        count,
        clusters: clusters.map(({ errorRate, count: images, entropy, labelProbability }) => ({
          ...{ errorRate, images },
          entropy: entropy === null ? null : { ...entropy, outliers: entropy.outliers.length },
          labelProbability:
            labelProbability === null ? null : { ...labelProbability, outliers: labelProbability.outliers.length },
        })),
      })),
    };
  },
};
