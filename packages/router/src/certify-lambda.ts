import { QueeError, type SplitRole } from "@quee/core";
import { type BettingTerms, bettingPValue } from "./betting-p-value.js";
import { lambdaGrid } from "./lambda-grid.js";
import type { LambdaSweep } from "./sweep-lambda.js";

/** `tolerance`: how much accuracy may be lost against the reference. `alpha`: the chance that the certified λ loses more. */
export interface CertificateTerms extends BettingTerms {
  /** To be tested in this order, rising; `lambdaGrid()` by default. Fixed before the images are seen. */
  readonly lambdas?: readonly number[];
}

export interface CertifyOptions extends CertificateTerms {
  /** Of validation images that nothing was fitted to or chosen on, in random order: the second of `inHalves`. */
  readonly sweep: LambdaSweep<"validation">;
  /** [N], 1 where the reference (the whole network at the most bits) is right: `correctAlong` of `@quee/path-tables` */
  readonly reference: Uint8Array;
}

export interface CertificateStep {
  readonly lambda: number;
  /** Accuracy lost against the reference on these images. */
  readonly gap: number;
  readonly pValue: number;
  readonly certified: boolean;
}

export interface Certificate {
  /** The largest certified λ; null where not even the first can be. Then run the reference. */
  readonly lambda: number | null;
  /** The tests that were made; only the last may have failed. */
  readonly steps: readonly CertificateStep[];
}

/**
 * The largest λ of which it is certain, but for a chance of α over the drawing of these images, that it loses less than
 * `tolerance` accuracy against the reference. Learn-Then-Test (Angelopoulos et al., arXiv 2110.01052) by a fixed sequence: from
 * the first λ upwards, each tested at level α, until one cannot be rejected. A wrong certificate needs the first false one of
 * the sequence to be rejected, which has the chance α whatever the number of tests.
 */
export function certifyLambda({ sweep, reference, ...terms }: CertifyOptions): Certificate {
  const steps: CertificateStep[] = [];
  for (const lambda of sequenceOf(terms)) {
    const losses = lossesAt(sweep, lambda, reference);
    const pValue = bettingPValue(losses, terms);
    steps.push({ lambda, gap: meanOf(losses), pValue, certified: pValue <= terms.alpha });
    if (pValue > terms.alpha) break;
  }
  return { lambda: steps.findLast(({ certified }) => certified)?.lambda ?? null, steps };
}

/** The λ to test, checked to rise. */
export function sequenceOf({ lambdas = lambdaGrid() }: CertificateTerms): readonly number[] {
  const at = lambdas.findIndex((lambda, i) => i > 0 && !(lambda > lambdas[i - 1]));
  if (at < 0) return lambdas;
  throw new QueeError({
    code: "E_CERTIFICATE",
    kind: "config",
    where: `lambdas[${at}]`,
    expected: `above ${lambdas[at - 1]}`,
    got: String(lambdas[at]),
  });
}

/** 1[wrong at λ] − 1[reference wrong] of every image, [N]. An abstention is wrong. */
export function lossesAt(sweep: LambdaSweep<SplitRole>, lambda: number, reference: Uint8Array): Int8Array {
  if (reference.length !== sweep.count) {
    const facts = { where: "reference", expected: `${sweep.count} images`, got: String(reference.length) };
    throw new QueeError({ code: "E_REFERENCE", kind: "internal", ...facts });
  }
  return Int8Array.from(sweep.routeAt(lambda).correct, (hit, i) => reference[i] - hit);
}

/** Of some images, all by default. */
export function meanOf(losses: Int8Array, images: ArrayLike<number> | null = null): number {
  const count = images?.length ?? losses.length;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += losses[images === null ? i : images[i]];
  return sum / count;
}
