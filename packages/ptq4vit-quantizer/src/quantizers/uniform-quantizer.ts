import type { Bits } from "@quee/core";
import { notFinite } from "../not-finite.js";
import { searchGrid } from "./candidate-grid.js";
import { keepSigns, SHIFT } from "./half-even.js";
import { codeBound, fakeQuantize, type Quantizer, rangeOf } from "./quantizer.js";

/**
 * Δ · clip(round(x / Δ), −Q, Q − 1), halves to even; divided in float32, since x · (1/Δ) rounds differently at ties.
 * PTQ4ViT (arXiv 2111.12293), uniform quantization, symmetric.
 */
export const uniform: Quantizer = {
  kind: "uniform",
  initialScale: ({ magnitude }, bits, where) => minMaxScale(magnitude, bits, where),
  candidates: ({ magnitude }, bits, where) => searchGrid(minMaxScale(magnitude, bits, where)),
  roundInto(out, values, scale, bits) {
    const step = Math.fround(scale);
    const least = -codeBound(bits);
    const most = codeBound(bits) - 1;
    for (let i = 0; i < values.length; i++) {
      const code = Math.fround(values[i] / step) + SHIFT - SHIFT;
      out[i] = Math.max(Math.min(code, most), least) * step;
    }
    keepSigns(out, values);
  },
  parts: (scale, bits) => [{ scale, least: -codeBound(bits), most: codeBound(bits) - 1 }],
  fixedScale: () => null,
  write({ builder, name, perGroup }, value, scales, bits) {
    const step = perGroup("_step", scales);
    const codes = builder.add("Round", [builder.over(value, step, name("_in_steps"))], {}, name("_rounded"));
    const range = [perGroup("_least", [-codeBound(bits)]), perGroup("_most", [codeBound(bits) - 1])];
    return builder.times(builder.add("Clip", [codes, ...range], {}, name("_codes")), step, name(""));
  },
};

/**
 * Step of the symmetric quantizer whose codes just reach the largest magnitude: Δ = max|x| / (Q − ½), as PTQ4ViT starts its
 * search. All zeros have no range; they are reproduced exactly at any step, and 1 is taken.
 * @throws QueeError of kind numeric where the range is not finite
 */
export function minMaxScale(largestMagnitude: number, bits: Bits, where: string): number {
  if (!Number.isFinite(largestMagnitude) || largestMagnitude < 0) {
    throw notFinite(where, `a largest magnitude of ${largestMagnitude}`);
  }
  const scale = Math.fround(largestMagnitude / (codeBound(bits) - 0.5));
  // Below the normal numbers of float32 a step has lost its precision: so small a range counts as none.
  return scale < 2 ** -126 ? 1 : scale;
}

/** Rounds a copy uniformly. @param values any shape @param scale Δ > 0 @returns the same shape */
export function fakeQuantizeUniform(values: Float32Array, scale: number, bits: Bits): Float32Array {
  return fakeQuantize(uniform, values, scale, bits);
}

/** max|x|; NaN where a value is NaN. */
export function largestMagnitude(values: Float32Array): number {
  return rangeOf(values).magnitude;
}
