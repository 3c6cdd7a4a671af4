import {
  clusterEstimator,
  type ErrorEstimator,
  type ErrorTargets,
  mixWithOutcomes,
  outcomeTargets,
} from "@quee/error-target-clustering";
import type { ExtraFeature } from "@quee/gate-predictors";
import { type PathTable, takeSamples } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import type { Config } from "../config/schema.js";

const topProbabilities: ExtraFeature = { kind: "top-probabilities", count: 3 };
const agreement: ExtraFeature = { kind: "agreement" };

/** What gates see beyond equation 13, by the config's word for it. */
export const extraFeatures: Readonly<Record<Config["gates"]["features"], readonly ExtraFeature[]>> = {
  "equation-13": [],
  "top-probabilities": [topProbabilities],
  agreement: [agreement],
  both: [topProbabilities, agreement],
};

/** What gates learn, by the config's word for it. */
export const learnt: Readonly<Record<Config["gates"]["targets"], (cells: ErrorTargets) => ErrorEstimator>> = {
  cells: clusterEstimator,
  outcomes: () => outcomeTargets,
  mixed: (cells) => mixWithOutcomes(clusterEstimator(cells), 0.5),
};

/** Held-out images: most to learn on, the rest to stop the training. */
export function learnedAndStopping(table: PathTable<"validation">, seed: number) {
  return dealt(table, 4 / 5, seed, "images that stop trainings");
}

/** Some of the samples, in random order, and the others. Each has at least one. */
export function dealt(
  table: PathTable<"validation">,
  share: number,
  seed: number,
  name: string,
): readonly [PathTable<"validation">, PathTable<"validation">] {
  const order = randomStream(seed, name).permutation(table.count);
  const cut = Math.min(table.count - 1, Math.max(1, Math.round(share * table.count)));
  return [takeSamples(table, order.subarray(0, cut)), takeSamples(table, order.subarray(cut))];
}
