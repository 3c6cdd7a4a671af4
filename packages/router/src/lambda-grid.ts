/** The λ of a sweep: 0, then 60 values from 1e-3 to 10, evenly spaced in the logarithm. Above about 3 everything exits first. */
export function lambdaGrid(): readonly number[] {
  const count = 60;
  const [from, to] = [-3, 1];
  return [0, ...Array.from({ length: count }, (_, i) => 10 ** (from + ((to - from) * i) / (count - 1)))];
}
