import { type Bits, QueeError } from "@quee/core";
import { assertLambda } from "./gate-rule.js";
import { lastAtMost } from "./image-segments.js";

/**
 * The first gate of QuEE (arXiv 2406.14404), section 4: it sees nothing (equation 7), so for each λ it has one level of block 1
 * for all images. Steps by rising λ, the first from 0 on, each up to the next.
 */
export type FirstGate = readonly FirstGateStep[];

export interface FirstGateStep {
  /** The λ from which on it holds. */
  readonly from: number;
  readonly bits: Bits;
}

/** Where the first gate sends all images at a λ. */
export function firstBitsAt(firstGate: FirstGate, lambda: number): Bits {
  assertLambda(lambda);
  if (firstGate[0]?.from !== 0) {
    const got = firstGate.length === 0 ? "no steps" : `one from λ = ${firstGate[0].from} on`;
    throw new QueeError({
      code: "E_FIRST_BLOCK",
      kind: "config",
      where: "first gate",
      expected: "a step from λ = 0 on",
      got,
    });
  }
  return firstGate[lastAtMost(lambda, 0, firstGate.length, (step) => firstGate[step].from)].bits;
}
