import type { Analysis } from "../analysis.js";
import { curvesAndAreas, gainWords, outcomesOf } from "../compare-recipes.js";
import { changed } from "../recipe.js";

/** Early exits alone, fewer bits alone, and both. */
export const depthAndWidth: Analysis = {
  name: "depth-and-width",
  title: "Early exits alone, fewer bits alone, and both",
  source: "QuEE (arXiv 2406.14404), figure 3C",
  version: 1,
  async run(bench, onProgress) {
    const { letter } = bench;
    const compared = await outcomesOf(
      bench,
      [
        { name: "both", recipe: letter },
        { name: "early exits alone", recipe: changed(letter, { candidates: "early-exit-only" }) },
        { name: "fewer bits alone", recipe: changed(letter, { candidates: "quantization-only" }) },
      ],
      onProgress,
    );
    const { figures, tables, data } = curvesAndAreas(bench, compared, {
      title: "Depth alone, width alone, and both",
      caption:
        "The same gates; candidates are all paths, those at the most bits, or those through all blocks. Block 1 always runs at the most bits.",
    });
    return { text: [gainWords(bench, compared, 1)], figures, tables, data };
  },
};
