import { argmaxRows } from "@quee/tensor";
import type { ErrorEstimator } from "./error-estimator.js";
import { wrongOnes } from "./error-frequency.js";
import { perSample } from "./per-sample.js";
import { badOption } from "./refusals.js";

/**
 * 1[f_π(x) ≠ y] itself, as a target to regress: its mean given anything is the probability of error given that, without the
 * assumption that cells make, but a single draw is all there is of it. Reads the labels; on samples that the heads were trained
 * on, errors are rarer than they will be.
 */
export const outcomeTargets: ErrorEstimator = {
  name: "outcomes",
  estimate(path, table) {
    const answers = Int32Array.from(perSample(table, path, argmaxRows));
    return Float32Array.from(wrongOnes(answers, table.labels));
  },
};

/**
 * (1 − a)·p̃e + a·1[wrong]: less variance than outcomes, less bias than cells.
 * @param share a, from 0 (the estimator alone) to 1 (outcomes alone)
 */
export function mixWithOutcomes(estimator: ErrorEstimator, share: number): ErrorEstimator {
  if (!(share >= 0 && share <= 1)) {
    throw badOption("share of outcomes in the targets", "a number from 0 to 1", share);
  }
  return {
    name: `${estimator.name} with ${share} of outcomes`,
    estimate(path, table) {
      const outcomes = outcomeTargets.estimate(path, table);
      return estimator.estimate(path, table).map((estimate, i) => (1 - share) * estimate + share * outcomes[i]);
    },
  };
}
