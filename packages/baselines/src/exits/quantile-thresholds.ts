/** The least threshold that no confidence reaches. */
export const never = 1 + Number.EPSILON;

/**
 * Thresholds at evenly spaced quantiles of what all exits say, ascending, from 0 to one that no confidence reaches. Equal
 * quantiles are named once.
 * @param sureness by exit, each [N], in [0, 1]
 * @param count at least 3
 */
export function quantileThresholds(sureness: readonly Float32Array[], count: number): readonly number[] {
  const sorted = Float32Array.from(sureness.flatMap((values) => [...values])).sort();
  if (sorted.length === 0) return [0, never];
  const quantiles = Array.from({ length: count - 2 }, (_, i) => sorted[Math.floor((i * sorted.length) / (count - 2))]);
  return [...new Set([0, ...quantiles, never])];
}
