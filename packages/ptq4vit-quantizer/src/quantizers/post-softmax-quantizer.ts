import type { Bits } from "@quee/core";
import { nearestEven } from "./half-even.js";
import { codeBound, type Quantizer, type QuantizerWriter } from "./quantizer.js";

/** Splits 2⁻ⁱ, i = 0 … 19. */
const SPLITS = 20;

/**
 * Q − 1 steps of Δ₂ = 1/(Q − 1) for large probabilities (the paper writes 1/Q, its code this). The code multiplies and divides by
 * Q − 1 instead of using Δ₂, which rounds otherwise at ties such as ½.
 */
const coarseLevels = (bits: Bits) => codeBound(bits) - 1;

/** Δ₁ = s/(Q − 1). */
const fineSteps = (bits: Bits) => Float32Array.from({ length: SPLITS }, (_, i) => 2 ** -i / (codeBound(bits) - 1));

/** s of Δ₁: a power of two, so rounding of Δ₁ to float32 cannot blur it. */
const splitOf = (scale: number, bits: Bits) => 2 ** Math.round(Math.log2(scale * (codeBound(bits) - 1)));

/**
 * Either/or: probabilities below the split s take Δ₁ = s/(Q − 1), the others Δ₂ = 1/(Q − 1). The split is searched; its step Δ₁ is
 * the scale of the encoding. PTQ4ViT (arXiv 2111.12293), twin uniform quantization of a softmax.
 */
export const postSoftmax: Quantizer = {
  kind: "post-softmax",
  initialScale: (_, bits) => fineSteps(bits)[0],
  candidates: (_, bits) => fineSteps(bits),
  parts: () => null,
  fixedScale: (bits) => Math.fround(1 / coarseLevels(bits)),
  roundInto(out, values, scale, bits) {
    const split = splitOf(scale, bits);
    const fine = Math.fround(scale);
    const levels = coarseLevels(bits);
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const code = nearestEven(Math.fround(x < split ? x / fine : x * levels));
      const kept = code < 0 ? 0 : Math.min(code, levels);
      out[i] = x < split ? kept * fine : kept / levels;
    }
  },
  write(writer, value, scales, bits) {
    const { builder, name, perGroup } = writer;
    const split = perGroup(
      "_split",
      scales.map((scale) => splitOf(scale, bits)),
    );
    const range = [perGroup("_least", [0]), perGroup("_most", [coarseLevels(bits)])];
    const clip = (codes: string, side: string) => builder.add("Clip", [codes, ...range], {}, name(`${side}_codes`));
    const fine = finePart(writer, value, scales, clip);
    const coarse = coarsePart(writer, value, bits, clip);
    const small = builder.add("Less", [value, split], {}, name("_is_small"));
    return builder.add("Where", [small, fine, coarse], {}, name(""));
  },
};

/**
 * The sum that PTQ4ViT's public code computes: Δ₂·round(clip(x, s, 1)/Δ₂) + Δ₁·round(clip(x, 0, s)/Δ₁). Both terms always count, so
 * large probabilities come out s too large, and a split above 2⁻ᵏ adds a constant everywhere. For comparison with that code only.
 */
export const postSoftmaxSum: Quantizer = {
  kind: "post-softmax-sum",
  // The largest split whose constant vanishes.
  initialScale: (_, bits) => fineSteps(bits)[bits],
  candidates: (_, bits) => fineSteps(bits),
  parts: () => null,
  fixedScale: (bits) => Math.fround(1 / coarseLevels(bits)),
  roundInto(out, values, scale, bits) {
    const split = splitOf(scale, bits);
    const fine = Math.fround(scale);
    const levels = coarseLevels(bits);
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const large = x < split ? split : Math.min(x, 1);
      const small = x < 0 ? 0 : Math.min(x, split);
      out[i] =
        Math.fround(nearestEven(Math.fround(large * levels)) / levels) +
        Math.fround(nearestEven(Math.fround(small / fine)) * fine);
    }
  },
  write(writer, value, scales, bits) {
    const { builder, name, perGroup } = writer;
    const split = perGroup(
      "_split",
      scales.map((scale) => splitOf(scale, bits)),
    );
    // Max and Min, since Clip takes scalars only.
    const between = (from: string, to: string, side: string) =>
      builder.add(
        "Min",
        [builder.add("Max", [value, from], {}, name(`${side}_at_least`)), to],
        {},
        name(`${side}_clipped`),
      );
    const large = between(split, perGroup("_one", [1]), "_coarse");
    const small = between(perGroup("_zero", [0]), split, "_fine");
    return builder.plus(coarsePart(writer, large, bits), finePart(writer, small, scales), name(""));
  },
};

type Clip = (codes: string, side: string) => string;
const asTheyAre: Clip = (codes) => codes;

/** Δ₁·round(x/Δ₁) */
function finePart(
  { builder, name, perGroup }: QuantizerWriter,
  x: string,
  scales: readonly number[],
  clip = asTheyAre,
) {
  const step = perGroup("_fine_step", scales);
  const codes = builder.add("Round", [builder.over(x, step, name("_fine_in_steps"))], {}, name("_fine_rounded"));
  return builder.times(clip(codes, "_fine"), step, name("_fine_part"));
}

/** round(x·(Q − 1))/(Q − 1) */
function coarsePart({ builder, name, perGroup }: QuantizerWriter, x: string, bits: Bits, clip = asTheyAre) {
  const levels = perGroup("_coarse_levels", [coarseLevels(bits)]);
  const codes = builder.add("Round", [builder.times(x, levels, name("_coarse_in_steps"))], {}, name("_coarse_rounded"));
  return builder.over(clip(codes, "_coarse"), levels, name("_coarse_part"));
}
