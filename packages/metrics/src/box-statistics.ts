import { quantile } from "./means.js";

/** What a box plot draws. Tukey 1977: whiskers end at the last value within 1.5 interquartile ranges of the box. */
export interface BoxStatistics {
  readonly count: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly lowerWhisker: number;
  readonly upperWhisker: number;
  /** Values beyond the whiskers, ascending. */
  readonly outliers: readonly number[];
}

/** Null of nothing. @param values [N] finite numbers */
export function boxStatistics(values: ArrayLike<number>): BoxStatistics | null {
  const sorted = Float64Array.from(values).sort();
  const lowerQuartile = quantile(sorted, 0.25);
  const median = quantile(sorted, 0.5);
  const upperQuartile = quantile(sorted, 0.75);
  if (lowerQuartile === null || median === null || upperQuartile === null) return null;
  const reach = 1.5 * (upperQuartile - lowerQuartile);
  const within = sorted.filter((value) => value >= lowerQuartile - reach && value <= upperQuartile + reach);
  // Quartiles are interpolated: with very few values none may lie between one of them and its whisker's reach.
  const lowerWhisker = Math.min(within[0], lowerQuartile);
  const upperWhisker = Math.max(within[within.length - 1], upperQuartile);
  const outliers = [...sorted.filter((value) => value < lowerWhisker || value > upperWhisker)];
  return { count: sorted.length, lowerQuartile, median, upperQuartile, lowerWhisker, upperWhisker, outliers };
}
