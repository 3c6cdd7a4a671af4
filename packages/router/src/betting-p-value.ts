import { QueeError } from "@quee/core";

export interface BettingTerms {
  /** Fraction, 0 or more and below 1. */
  readonly tolerance: number;
  /** The level that the p-value will be compared with: the stakes are sized for it. Any level is valid. */
  readonly alpha: number;
}

/** A fortune beyond which more evidence changes nothing. */
const enough = 1e300;

/**
 * p-value of H: E[L] ≥ tolerance, from independent losses L of −1, 0 and 1 in an order that does not depend on them (shuffle
 * what may be sorted by class).
 *
 * A test by betting, after Waudby-Smith and Ramdas (JRSSB 2024, arXiv 2010.09686). Somebody who doubts H begins with a fortune
 * of 1 and stakes a part ν of it on every image, which multiplies it by 1 − ν·(L − tolerance). Where H is true no bet gains on
 * average, so by Ville's inequality the fortune ever reaches 1/α with a chance of at most α, and 1 over its peak is a p-value
 * for any number of images, without asymptotics. Stakes follow the variance of the losses before them: few images differ from
 * the reference, so it is small, and the test much sharper than one that knows only the range.
 * @param losses [N] @param images the ones to look at, in this order; all by default
 */
export function bettingPValue(
  losses: Int8Array,
  { tolerance, alpha }: BettingTerms,
  images: ArrayLike<number> | null = null,
): number {
  if (!(tolerance >= 0 && tolerance < 1)) throw configError("tolerance", "0 or more, below 1", tolerance);
  if (!(alpha > 0 && alpha < 1)) throw configError("alpha", "above 0, below 1", alpha);
  const count = images?.length ?? losses.length;
  const scale = (2 * Math.log(1 / alpha)) / count;
  let fortune = 1;
  let peak = 1;
  // Mean and variance as if one loss of 0 and variance 1 had come before.
  let sum = 0;
  let squares = 1;
  for (let i = 0; i < count; i++) {
    // At most 1/2: a lost bet leaves at least half, so nobody goes bankrupt.
    const stake = Math.min(0.5, Math.sqrt(scale / (squares / (i + 1))));
    const loss = losses[images === null ? i : images[i]];
    fortune *= 1 - stake * (loss - tolerance);
    if (fortune > peak) peak = fortune;
    if (peak > enough) break;
    sum += loss;
    squares += (loss - sum / (i + 2)) ** 2;
  }
  return 1 / peak;
}

function configError(where: string, expected: string, got: number): QueeError {
  return new QueeError({ code: "E_CERTIFICATE", kind: "config", where, expected, got: String(got) });
}
