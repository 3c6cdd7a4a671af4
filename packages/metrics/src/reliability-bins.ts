import { sameLength } from "./same-length.js";

/** One bin of a reliability diagram. */
export interface ReliabilityBin {
  /** Samples; never 0. */
  readonly count: number;
  /** Mean predicted probability. */
  readonly predicted: number;
  /** How often the outcome was 1. */
  readonly observed: number;
}

export interface ReliabilityOptions {
  /** Predicted probability that the outcome is 1. [N] */
  readonly probability: ArrayLike<number>;
  /** [N], 0 or 1 */
  readonly outcome: ArrayLike<number>;
  /** Default 15. */
  readonly bins?: number;
  /** `equal-mass` (default) sorts and splits into parts of one size, as QuEE does; `equal-width` splits 0 … 1. */
  readonly binning?: "equal-mass" | "equal-width";
}

/**
 * Predicted against observed frequency, bin by bin from the least probability; bins without samples are left out.
 * Samples of one probability share their outcome, so that an equal-mass edge among them does not depend on their order:
 * probabilities of clusters have only as many values as there are clusters.
 */
export function reliabilityBins(options: ReliabilityOptions): readonly ReliabilityBin[] {
  const { probability, outcome, bins = 15, binning = "equal-mass" } = options;
  const count = sameLength({ probability, outcome });
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => probability[a] - probability[b]);
  const sorted = Float64Array.from(order, (i) => probability[i]);
  const shared = sharedAmongTies(
    sorted,
    Float64Array.from(order, (i) => outcome[i]),
  );
  const sums = Array.from({ length: bins }, () => ({ count: 0, predicted: 0, observed: 0 }));
  for (let place = 0; place < count; place++) {
    const bin =
      binning === "equal-mass"
        ? Math.floor((place * bins) / count)
        : Math.min(Math.max(Math.floor(sorted[place] * bins), 0), bins - 1);
    sums[bin].count++;
    sums[bin].predicted += sorted[place];
    sums[bin].observed += shared[place];
  }
  return sums
    .filter((bin) => bin.count > 0)
    .map((bin) => ({ count: bin.count, predicted: bin.predicted / bin.count, observed: bin.observed / bin.count }));
}

function sharedAmongTies(sorted: Float64Array, values: Float64Array): Float64Array {
  const shared = new Float64Array(values.length);
  for (let start = 0; start < values.length; ) {
    let end = start;
    let sum = 0;
    while (end < values.length && sorted[end] === sorted[start]) sum += values[end++];
    shared.fill(sum / (end - start), start, end);
    start = end;
  }
  return shared;
}
