import { type Tensor, zeros } from "@quee/tensor";
import { confidences } from "./confidence.js";

const measures = [
  confidences.maxProbability,
  confidences.entropy,
  confidences.margin,
  confidences.sharpenedEntropy,
] as const;

export const statisticCount = measures.length;

/**
 * What a gate of JEI-DNN sees: max p, entropy, margin and entropy of p²/Σp². Entropies are turned to certainties in [0, 1]: a
 * linear gate is the same class of functions.
 * @param probabilities [n, K] @returns [n, 4]
 */
export function gateStatistics(probabilities: Tensor): Tensor {
  const [count] = probabilities.shape;
  const statistics = zeros([count, statisticCount]);
  measures.forEach((measure, m) => {
    const values = measure(probabilities);
    for (let i = 0; i < count; i++) statistics.data[i * statisticCount + m] = values[i];
  });
  return statistics;
}
