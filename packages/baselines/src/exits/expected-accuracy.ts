/** What share of validation samples with such a confidence is right. */
export type ExpectedAccuracy = (confidence: number) => number;

export interface AccuracyHistogramOptions {
  /** [N], in [0, 1] */
  readonly confidence: Float32Array;
  /** [N], 1 where right */
  readonly correct: Uint8Array;
  /** Equally wide. */
  readonly bins: number;
  /** Standard deviation, in bins, of a Gaussian that the counts are smoothed with; 0 smooths nothing. */
  readonly smoothing: number;
}

/** Accuracy by bin of confidence. A bin without samples, near it too, promises nothing: 0. */
export function accuracyHistogram({
  confidence,
  correct,
  bins,
  smoothing,
}: AccuracyHistogramOptions): ExpectedAccuracy {
  const binOf = (value: number) => Math.min(bins - 1, Math.max(0, Math.floor(value * bins)));
  const counts = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (const [i, value] of confidence.entries()) {
    counts[binOf(value)]++;
    hits[binOf(value)] += correct[i];
  }
  const accuracy = Float64Array.from(counts, (_, bin) => {
    const weight = (other: number) =>
      smoothing === 0 ? Number(other === bin) : Math.exp(-((other - bin) ** 2) / (2 * smoothing ** 2));
    let [seen, right] = [0, 0];
    for (let other = 0; other < bins; other++) {
      seen += weight(other) * counts[other];
      right += weight(other) * hits[other];
    }
    return seen > 1e-9 ? right / seen : 0;
  });
  return (value) => accuracy[binOf(value)];
}
