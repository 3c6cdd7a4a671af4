import { sameLength } from "./same-length.js";

/**
 * Probability that a sample with outcome 1 scores higher than one with outcome 0; ties count half. From the sum of mid-ranks
 * (Mann and Whitney 1947). Null where one of the outcomes does not occur.
 */
export function areaUnderRoc(samples: {
  readonly score: ArrayLike<number>;
  readonly outcome: ArrayLike<number>;
}): number | null {
  const { score, outcome } = samples;
  const count = sameLength({ score, outcome });
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => score[a] - score[b]);
  let positives = 0;
  let rankSum = 0;
  for (let start = 0; start < count; ) {
    let end = start;
    let positivesHere = 0;
    while (end < count && score[order[end]] === score[order[start]]) positivesHere += outcome[order[end++]];
    // Ranks start … end − 1 are shared by all that tie.
    rankSum += (positivesHere * (start + end - 1)) / 2;
    positives += positivesHere;
    start = end;
  }
  const pairs = positives * (count - positives);
  return pairs === 0 ? null : (rankSum - (positives * (positives - 1)) / 2) / pairs;
}
