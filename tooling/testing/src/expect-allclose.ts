/** Allowed difference: |actual − expected| ≤ atol + rtol·|expected|. */
export interface AllcloseOptions {
  readonly rtol?: number;
  readonly atol?: number;
}

/** Fails with the place of the worst difference. Both sides are flat arrays of numbers of the same length. */
export function expectAllclose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { rtol = 1e-5, atol = 1e-8 }: AllcloseOptions = {},
): void {
  if (actual.length !== expected.length) {
    throw new Error(`expected ${expected.length} values, got ${actual.length}`);
  }
  let worst = -1;
  let worstExcess = 0;
  for (let i = 0; i < actual.length; i++) {
    const a = actual[i] as number;
    const e = expected[i] as number;
    if (Object.is(a, e) || (Number.isNaN(a) && Number.isNaN(e))) continue;
    const excess = Math.abs(a - e) - (atol + rtol * Math.abs(e));
    // A NaN on one side only makes the excess NaN: that is a difference too.
    if (!(excess <= worstExcess)) {
      worst = i;
      worstExcess = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
    }
  }
  if (worst >= 0) {
    throw new Error(
      `differs most at index ${worst}: ${actual[worst]} against expected ${expected[worst]} (rtol ${rtol}, atol ${atol})`,
    );
  }
}
