import { type Bits, QueeError } from "@quee/core";
import { roundHalfEven } from "@quee/tensor";

/** Q = 2^(k−1): codes go from −Q to Q − 1. */
export function codeBound(bits: Bits): number {
  return 2 ** (bits - 1);
}

/**
 * Step of the symmetric quantizer whose codes just reach the largest magnitude: Δ = max|x| / (Q − ½), as PTQ4ViT starts its
 * search. All zeros have no range; they are reproduced exactly at any step, and 1 is taken.
 * @throws QueeError of kind numeric where the range is not finite
 */
export function minMaxScale(largestMagnitude: number, bits: Bits, where: string): number {
  if (!Number.isFinite(largestMagnitude) || largestMagnitude < 0) {
    throw new QueeError({
      code: "E_NOT_FINITE",
      kind: "numeric",
      where,
      expected: "finite values",
      got: `a largest magnitude of ${largestMagnitude}`,
    });
  }
  const scale = Math.fround(largestMagnitude / (codeBound(bits) - 0.5));
  // A range so small that its step underflows float32 counts as none.
  return scale === 0 ? 1 : scale;
}

/**
 * Δ · clip(round(x / Δ), −Q, Q − 1), halves to even; divided in float32, since x · (1/Δ) rounds differently at ties.
 * PTQ4ViT (arXiv 2111.12293), uniform quantization, symmetric.
 * @param values any shape @param scale Δ > 0 @returns the same shape
 */
export function fakeQuantizeUniform(values: Float32Array, scale: number, bits: Bits): Float32Array {
  const bound = codeBound(bits);
  const step = Math.fround(scale);
  return values.map((x) => {
    const code = roundHalfEven(Math.fround(x / step));
    return Math.min(Math.max(code, -bound), bound - 1) * step;
  });
}

/** max|x|; NaN where a value is NaN. */
export function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]);
    // A comparison with NaN is false: asked this way round, NaN gets through and stays.
    if (!(magnitude <= largest)) largest = magnitude;
    if (Number.isNaN(largest)) return largest;
  }
  return largest;
}
