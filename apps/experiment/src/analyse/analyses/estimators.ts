import { legalPaths, parsePathKey } from "@quee/core";
import { compareErrorEstimators } from "@quee/error-target-clustering";
import { mean } from "@quee/metrics";
import { type Analysis, tableOf } from "../analysis.js";
import { curvesAndAreas, gainWords, outcomesOf } from "../compare-recipes.js";
import { changed, type DoctorTargets } from "../recipe.js";

const doctors: readonly (readonly [string, DoctorTargets])[] = [
  ["DOCTOR α", "doctor-alpha"],
  ["DOCTOR β", "doctor-beta"],
  ["DOCTOR α, Platt", "doctor-alpha-platt"],
  ["DOCTOR β, Platt", "doctor-beta-platt"],
];

/** Cells against what p̂ says of its own error. */
export const estimators: Analysis = {
  name: "estimators",
  title: "Other estimates of the probability of error",
  source:
    "QuEE (arXiv 2406.14404), section 4.1: \u201conly reliable for high-performing classifiers (we verified this through experiment)\u201d",
  version: 1,
  async run(bench, onProgress) {
    const { letter, space, seeds, run } = bench;
    const [seed = 0] = seeds;
    const { fit, test } = bench.parts(seed);
    const paths = legalPaths(space);
    const { count, ...cells } = letter.cells;
    const scores = await compareErrorEstimators({
      ...{ table: { ...fit, paths }, held: { ...test, paths }, clusterCount: count, ...cells },
      ...{ seed, lloyd: await bench.lloyd(), signal: run.signal },
    });
    const compared = await outcomesOf(
      bench,
      [
        { name: "cells", recipe: letter },
        ...doctors.map(([name, targets]) => ({ name: `${name}, as target`, recipe: changed(letter, { targets }) })),
      ],
      onProgress,
    );
    const curves = curvesAndAreas(bench, compared, {
      title: "Gates that learn other estimates",
      caption: "Mean over seeds.",
    });
    const exits = Array.from({ length: space.exitCount }, (_, e) => e + 1);
    const best = scores.reduce((a, b) => (b.brier < a.brier ? b : a));
    const at = (exit: number, { byPath }: (typeof scores)[number]) =>
      byPath.filter(({ path }) => parsePathKey(path).length === exit);
    return {
      text: [
        `Of these, ${best.estimator} has the least Brier score on test images, ${best.brier.toFixed(4)}.`,
        ...doctors.map((_, d) => gainWords(bench, compared, d + 1)),
      ],
      figures: curves.figures,
      tables: [
        tableOf(
          "scores",
          "Fitted on half of the validation images, scored on test images; means over paths.",
          ["estimate", "%ECE", "#Brier", "#AUROC"],
          scores.map(({ estimator, ece, brier, auroc }) => [estimator, ece, brier, auroc]),
        ),
        tableOf(
          "by-exit",
          "AUROC by the exit that answers, and how often it errs: whether estimates are good only where the classifier is.",
          ["estimate", ...exits.map((exit) => `#exit ${exit}`)],
          [
            ["error rate", ...exits.map((exit) => mean(at(exit, best).map(({ errorRate }) => errorRate)))],
            ...scores.map((score) => [
              score.estimator,
              ...exits.map((exit) => mean(at(exit, score).flatMap(({ auroc }) => (auroc === null ? [] : [auroc])))),
            ]),
          ],
        ),
        ...curves.tables,
      ],
      data: {
        scores: scores.map((score) => ({ ...score, byPath: score.byPath.map((one) => ({ ...one })) })),
        curves: curves.data,
      },
    };
  },
};
