import { QueeError } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { mean, quantile } from "./means.js";
import { sameLength } from "./same-length.js";
import { studentQuantile } from "./student-t.js";

/** mean ± halfWidth */
export interface Interval {
  readonly mean: number;
  readonly halfWidth: number;
}

/** Mean of independent values and its 95 % interval, ± t·s/√n. Null of fewer than two values: they have no spread. */
export function meanWithInterval95(values: ArrayLike<number>): Interval | null {
  const n = values.length;
  const centre = mean(values);
  if (centre === null || n < 2) return null;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i] - centre) ** 2;
  const deviation = Math.sqrt(squares / (n - 1));
  return { mean: centre, halfWidth: (studentQuantile(0.975, n - 1) * deviation) / Math.sqrt(n) };
}

const partCount = 10;

/**
 * Accuracy on ten disjoint parts of a seeded order of the test images, as a mean with its 95 % interval. QuEE
 * (arXiv 2406.14404) calls it ten trials; its predecessor's code kept sums across parts, which made intervals too narrow.
 * @param correct 1 where the answer is right, else 0  [N], N ≥ 10
 */
export function tenPartInterval(correct: ArrayLike<number>, seed: number): Interval {
  const n = correct.length;
  if (n < partCount) {
    throw new QueeError({
      code: "E_TOO_FEW_SAMPLES",
      kind: "config",
      where: "test images",
      expected: `at least ${partCount}, one for each part of the interval`,
      got: String(n),
    });
  }
  const order = randomStream(seed, "ten-parts").permutation(n);
  const parts = new Float64Array(partCount);
  for (let part = 0; part < partCount; part++) {
    const [start, end] = [Math.floor((part * n) / partCount), Math.floor(((part + 1) * n) / partCount)];
    for (let place = start; place < end; place++) parts[part] += correct[order[place]] / (end - start);
  }
  return meanWithInterval95(parts) as Interval;
}

/**
 * Mean of a − b over the same samples, with the 95 % percentile interval of resamples of the samples (Efron 1979). Null of
 * nothing.
 */
export function pairedBootstrap(options: {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
  /** Default 2000. */
  readonly resamples?: number;
  readonly seed: number;
}): { readonly difference: number; readonly low: number; readonly high: number } | null {
  const { a, b, resamples = 2000, seed } = options;
  const n = sameLength({ a, b });
  const differences = Float64Array.from({ length: n }, (_, i) => a[i] - b[i]);
  const difference = mean(differences);
  if (difference === null) return null;
  const random = randomStream(seed, "paired-bootstrap");
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += differences[random.below(n)];
    means[r] = sum / n;
  }
  return {
    difference,
    low: quantile(means, 0.025) ?? difference,
    high: quantile(means, 0.975) ?? difference,
  };
}
