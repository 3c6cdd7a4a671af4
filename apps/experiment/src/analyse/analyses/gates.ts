import { pathKey } from "@quee/core";
import { gateReports } from "@quee/gate-predictors";
import { gatePairsFigure, reliabilityFigure } from "@quee/report";
import { type Analysis, figureOf, tableOf } from "../analysis.js";

/** Whether gates say what happens, whole and in parts. */
export const gates: Analysis = {
  name: "gates",
  title: "Whether gates say what happens",
  source: "QuEE (arXiv 2406.14404), section 6; the letter of the paper, first seed",
  version: 1,
  async run(bench) {
    const { letter, seeds, run } = bench;
    const [seed = 0] = seeds;
    const { wholePaths } = await bench.router(letter, seed);
    if (wholePaths === null) throw new RangeError("whole paths have predicted errors");
    const dataset = run.config.dataset.name;
    const reports = gateReports({
      gates: wholePaths.gates,
      table: bench.parts(seed).test,
      targets: wholePaths.targets,
    });
    const words = (ece: number | null, auroc: number | null) =>
      `ECE ${ece === null ? "–" : `${(100 * ece).toFixed(1)} %`}, AUROC ${auroc === null ? "–" : auroc.toFixed(2)}`;
    const panels = reports.flatMap(({ gate, all, byBits }) => [
      { name: `gate ${gate}`, bins: all.reliability, words: words(all.ece, all.auroc) },
      ...byBits.map(({ bits, reliability, ece, auroc }) => ({
        ...{ name: `gate ${gate}, answers at ${bits} bits`, bins: reliability, words: words(ece, auroc) },
      })),
    ]);
    const pairs = reports.flatMap(({ gate, byPair }) =>
      byPair.map(({ prefix, candidate, reliability: _, ...scores }) => ({
        ...{ gate, prefix: pathKey(prefix), candidate: pathKey(candidate) },
        ...scores,
      })),
    );
    const lean = reports.map(({ gate, all }) => {
      const difference = (all.meanPredicted ?? 0) - (all.errorRate ?? 0);
      return `Gate ${gate} foretells ${(100 * (all.meanPredicted ?? 0)).toFixed(1)} % errors where ${(100 * (all.errorRate ?? 0)).toFixed(1)} % happen: ${difference < 0 ? "too hopeful" : "too careful"} by ${(100 * Math.abs(difference)).toFixed(1)} points.`;
    });
    return {
      text: lean,
      figures: [
        ...figureOf("reliability", "Test images; bins of equal mass.", reliabilityFigure(panels, { dataset })),
        ...figureOf("pairs", "Each way to go on by itself.", gatePairsFigure(pairs, { dataset })),
      ],
      tables: [
        tableOf(
          "gates",
          "Test images, all pairs of prefix and candidate.",
          ["gate", "#RMSE", "%ECE", "#Brier", "#AUROC"],
          reports.map(({ gate, all }) => [String(gate), all.rmse, all.ece, all.brier, all.auroc]),
        ),
      ],
      data: pairs,
    };
  },
};
