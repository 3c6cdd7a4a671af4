import { type GateView, uniformPaths } from "@quee/core";
import { confidences } from "../confidence.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Rival } from "../rival/rival.js";
import { fullPath, mostBits, readsProbabilities } from "../rival/rival-paths.js";
import { exitRulePolicy } from "./exit-rule-policy.js";
import { exitScores } from "./exit-scores.js";
import { exitsOnly } from "./exits-only.js";
import { accuracyHistogram } from "./expected-accuracy.js";
import { newest } from "./newest.js";

export interface CalibratedOptions {
  /** Default 50. */
  readonly bins?: number;
  /** True: the histogram is smoothed over neighbouring bins, one bin wide. */
  readonly smoothed: boolean;
  /** δ from 0 to 1, default 201. */
  readonly count?: number;
}

/**
 * PCEE and, smoothed, PCEE-WS (arXiv 2412.19325): an image leaves where validation images that were as sure as it were right
 * at least δ of the time. QuEE's p̃e with cells of one dimension and no look ahead. The Gaussian is our choice of smoothing.
 */
export function calibratedRival({ bins = 50, smoothed, count = 201 }: CalibratedOptions): Rival {
  const confidence = confidences.maxProbability;
  return {
    name: smoothed ? "calibrated-smoothed" : "calibrated",
    role: "rival",
    parameter: "accuracy",
    needs: (space) => readsProbabilities(uniformPaths(mostBits(space), space.exitCount)),
    async fit({ space, validation, costs }) {
      const pays = exitsOnly(space);
      const path = fullPath(space);
      const { sureness, correct } = exitScores(validation, path, confidence, costs(pays));
      const expected = sureness.map((values, exit) =>
        accuracyHistogram({ confidence: values, correct: correct[exit], bins, smoothing: smoothed ? 1 : 0 }),
      );
      const settings = Array.from({ length: count }, (_, i) => i / (count - 1)).map((least) => {
        const leaves = (view: GateView) =>
          Uint8Array.from(confidence(newest(view)), (sure) =>
            expected[view.prefix.length - 1](sure) >= least ? 1 : 0,
          );
        return policySetting(least, exitRulePolicy({ name: `accuracy ≥ ${least}`, path, leaves }), space);
      });
      return { pays, trainings: 0, settings };
    },
  };
}
