import { uniformPaths } from "@quee/core";
import type { ConfidenceMeasure } from "../confidence.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Rival } from "../rival/rival.js";
import { mostBits, readsProbabilities } from "../rival/rival-paths.js";
import { thresholdGrid } from "../threshold-grid.js";
import { confidenceThreshold } from "../threshold-policy.js";
import { exitsOnly } from "./exits-only.js";

const names: Readonly<Record<ConfidenceMeasure, string>> = {
  maxProbability: "threshold-max-probability",
  entropy: "threshold-entropy",
  margin: "threshold-margin",
  sharpenedEntropy: "threshold-sharpened-entropy",
};

/**
 * One threshold for all exits of the network at the most bits, swept over quantiles of validation confidence. QuEE
 * (arXiv 2406.14404), section 5.4, for max p̂; the others are the usual variants.
 */
export function thresholdRival(measure: ConfidenceMeasure, { count = 201 }: { readonly count?: number } = {}): Rival {
  return {
    name: names[measure],
    role: "rival",
    parameter: "threshold",
    needs: (space) => readsProbabilities(uniformPaths(mostBits(space), space.exitCount)),
    async fit({ space, validation }) {
      const level = mostBits(space);
      const grid = thresholdGrid({ validation, measure, level, exitCount: space.exitCount, count });
      const settings = grid.map((threshold) =>
        policySetting(threshold, confidenceThreshold({ measure, threshold, level }), space),
      );
      return { pays: exitsOnly(space), trainings: 0, settings };
    },
  };
}
