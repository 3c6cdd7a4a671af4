import type { Analysis } from "../analysis.js";
import { curvesAndAreas, gainWords, outcomesOf } from "../compare-recipes.js";
import { nextStepLambdas } from "../planning/next-step.js";
import { changed } from "../recipe.js";

/** Whole paths, the next step with a training per λ, and cost-to-go with one training. */
export const nextStep: Analysis = {
  name: "next-step",
  title: "Only the next step",
  source: "QuEE (arXiv 2406.14404), section 7.3",
  version: 2,
  async run(bench, onProgress) {
    const { letter } = bench;
    const compared = await outcomesOf(
      bench,
      [
        { name: "whole paths", recipe: letter },
        { name: "next best step, a training per λ", recipe: changed(letter, { planning: "next-step" }) },
        { name: "cost-to-go, one training", recipe: changed(letter, { planning: "closed-loop" }) },
      ],
      onProgress,
    );
    const { figures, tables, data } = curvesAndAreas(bench, compared, {
      title: "Whole paths against the next step",
      caption: `Means over ${bench.seeds.length} seeds with 95 % intervals. The next step was trained ${nextStepLambdas.length} times with each, once for each λ.`,
    });
    return { text: [gainWords(bench, compared, 1), gainWords(bench, compared, 2)], figures, tables, data };
  },
};
