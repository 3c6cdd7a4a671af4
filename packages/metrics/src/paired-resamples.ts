import { QueeError } from "@quee/core";
import { randomStream } from "@quee/tensor";
import { mean, quantile } from "./means.js";

/** Mean difference with the 95 % percentile interval of resamples. */
export interface DifferenceInterval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/**
 * `pairedBootstrap` for many pairs on the same samples: resamples are drawn once, so that every difference meets the same ones.
 * Holds one byte per sample and resample.
 * @returns what tells the interval of a − b, each [N], as `pairedBootstrap` of this seed does
 */
export function pairedResamples(options: {
  /** N, at least 1 */
  readonly count: number;
  /** Default 2000. */
  readonly resamples?: number;
  readonly seed: number;
}): (a: ArrayLike<number>, b: ArrayLike<number>) => DifferenceInterval {
  const { count, resamples = 2000, seed } = options;
  if (!Number.isInteger(count) || count < 1) throw badLength("at least 1", count);
  const random = randomStream(seed, "paired-bootstrap");
  // How often a resample holds a sample: 256 of one among as many draws as samples does not happen.
  const times = new Uint8Array(resamples * count);
  for (let r = 0; r < resamples; r++) for (let i = 0; i < count; i++) times[r * count + random.below(count)]++;
  return (a, b) => {
    if (a.length !== count || b.length !== count)
      throw badLength(`${count} and ${count}`, `${a.length} and ${b.length}`);
    const differences = Float64Array.from({ length: count }, (_, i) => a[i] - b[i]);
    const means = new Float64Array(resamples);
    for (let r = 0; r < resamples; r++) {
      let sum = 0;
      const from = r * count;
      for (let i = 0; i < count; i++) sum += times[from + i] * differences[i];
      means[r] = sum / count;
    }
    const difference = mean(differences) as number;
    return { difference, low: quantile(means, 0.025) as number, high: quantile(means, 0.975) as number };
  };
}

function badLength(expected: string, got: number | string): QueeError {
  return new QueeError({ code: "E_SAMPLES", kind: "internal", where: "paired resamples", expected, got: String(got) });
}
