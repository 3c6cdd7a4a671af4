/** Arithmetic mean; null of nothing. */
export function mean(values: ArrayLike<number>): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Fraction of ones. @param correct 1 where the answer is right, else 0  [N] */
export function accuracy(correct: ArrayLike<number>): number | null {
  return mean(correct);
}

/**
 * Value below which the fraction `q` of the values lies, interpolated linearly between order statistics (type 7 of Hyndman
 * and Fan 1996, NumPy's default).
 */
export function quantile(values: ArrayLike<number>, q: number): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const place = q * (sorted.length - 1);
  const below = Math.min(Math.max(Math.floor(place), 0), sorted.length - 1);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
