import type { SplitRole } from "@quee/core";
import { bettingPValue } from "./betting-p-value.js";
import { type CertificateTerms, lossesAt, meanOf, sequenceOf } from "./certify-lambda.js";
import type { LambdaSweep } from "./sweep-lambda.js";

export interface ViolationRateOptions extends CertificateTerms {
  /** Of all images there are to be drawn from; evaluation only, so of any role. */
  readonly sweep: LambdaSweep<SplitRole>;
  /** [N], 1 where the reference is right */
  readonly reference: Uint8Array;
  /** 500 by default. */
  readonly resplits?: number;
  readonly random: { permutation(n: number): ArrayLike<number> };
}

/** What certificates are worth; fractions of the resplits. */
export interface ViolationRate {
  readonly resplits: number;
  /** Got a λ at all. The others run the reference and violate nothing. */
  readonly certified: number;
  /** The certified λ lost more than the tolerance on the other half. A half has noise of its own, which adds to this. */
  readonly violations: number;
  /** The certified λ lost more than the tolerance on all images together, which the resplits are drawn from. */
  readonly violationsOnAll: number;
  /** Mean cost of an image on all, over the resplits with a λ; null where there are none. */
  readonly meanCost: number | null;
}

/**
 * Certifies on one random half and looks at the other, many times. Each λ is routed once; a resplit only bets on
 * the losses, until its first failed test.
 */
export function violationRate({
  sweep,
  reference,
  resplits = 500,
  random,
  ...terms
}: ViolationRateOptions): ViolationRate {
  const tested = sequenceOf(terms).map((lambda) => {
    const losses = lossesAt(sweep, lambda, reference);
    return { losses, gap: meanOf(losses), cost: sweep.pointAt(lambda).cost };
  });
  let certified = 0;
  let violations = 0;
  let violationsOnAll = 0;
  let cost = 0;
  for (let r = 0; r < resplits; r++) {
    const [half, other] = inHalves(sweep.count, random);
    const failed = tested.findIndex(({ losses }) => bettingPValue(losses, terms, half) > terms.alpha);
    const last = tested[failed < 0 ? tested.length - 1 : failed - 1];
    if (last === undefined) continue;
    certified++;
    cost += last.cost;
    if (meanOf(last.losses, other) > terms.tolerance) violations++;
    if (last.gap > terms.tolerance) violationsOnAll++;
  }
  return {
    resplits,
    certified: certified / resplits,
    violations: violations / resplits,
    violationsOnAll: violationsOnAll / resplits,
    meanCost: certified === 0 ? null : cost / certified,
  };
}

/** Two random halves of 0 … count − 1, in random order: one to fit and choose on, one that only certifies. */
export function inHalves(count: number, random: ViolationRateOptions["random"]): readonly [Int32Array, Int32Array] {
  const order = Int32Array.from(random.permutation(count));
  const middle = Math.ceil(count / 2);
  return [order.slice(0, middle), order.slice(middle)];
}
