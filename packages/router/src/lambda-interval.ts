/** Lines that meet at the same λ are found to meet some rounding errors apart. */
export function isSame(lambda: number, from: number): boolean {
  return lambda - from <= 1e-12 * from;
}

/** A λ of [from, to), in the middle but for the first and the last interval. */
export function inside(from: number, to: number): number {
  if (from === 0) return 0;
  return to === Number.POSITIVE_INFINITY ? 2 * from : (from + to) / 2;
}
