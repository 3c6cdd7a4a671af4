/** ln p, where a probability that rounds to zero counts as a small one: its logarithm would be infinite. */
export function logProbability(p: number): number {
  return Math.log(Math.max(p, 1e-12));
}

/**
 * −ln p̂(label) of several answers for the same samples, in nats.
 * @param probabilities A answers, [n, K] each @param labels [n] @returns [n, A]
 */
export function crossEntropies(
  probabilities: readonly Float32Array[],
  labels: Int32Array,
  classCount: number,
): Float64Array {
  const answers = probabilities.length;
  return Float64Array.from({ length: labels.length * answers }, (_, at) => {
    const i = Math.floor(at / answers);
    return -logProbability(probabilities[at % answers][i * classCount + labels[i]]);
  });
}
