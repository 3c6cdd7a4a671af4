import type { Bits } from "@quee/core";
import { nearestEven } from "./half-even.js";
import { codeBound, type Quantizer, type QuantizerWriter } from "./quantizer.js";

/** Splits 2⁻ⁱ, i = 0 … 19. */
const SPLITS = 20;

/** Δ₂ = 1/(Q − 1): the step of large probabilities (the paper writes 1/Q, its code this). */
const coarseStep = (bits: Bits) => Math.fround(1 / (codeBound(bits) - 1));

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
  fixedScale: coarseStep,
  roundInto(out, values, scale, bits) {
    const split = splitOf(scale, bits);
    const fine = Math.fround(scale);
    const coarse = coarseStep(bits);
    const most = codeBound(bits) - 1;
    for (let i = 0; i < values.length; i++) {
      const step = values[i] < split ? fine : coarse;
      const code = nearestEven(Math.fround(values[i] / step));
      out[i] = (code < 0 ? 0 : code > most ? most : code) * step;
    }
  },
  write(writer, value, scales, bits) {
    const { builder, name, perGroup } = writer;
    const split = perGroup(
      "_split",
      scales.map((scale) => splitOf(scale, bits)),
    );
    const range = [perGroup("_least", [0]), perGroup("_most", [codeBound(bits) - 1])];
    const part = (side: string, steps: readonly number[]) => {
      const step = perGroup(`${side}_step`, steps);
      const rounded = builder.add(
        "Round",
        [builder.over(value, step, name(`${side}_in_steps`))],
        {},
        name(`${side}_rounded`),
      );
      return builder.times(
        builder.add("Clip", [rounded, ...range], {}, name(`${side}_codes`)),
        step,
        name(`${side}_part`),
      );
    };
    const small = builder.add("Less", [value, split], {}, name("_is_small"));
    return builder.add("Where", [small, part("_fine", scales), part("_coarse", [coarseStep(bits)])], {}, name(""));
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
  fixedScale: coarseStep,
  roundInto(out, values, scale, bits) {
    const split = splitOf(scale, bits);
    const fine = Math.fround(scale);
    const coarse = coarseStep(bits);
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const large = x < split ? split : x > 1 ? 1 : x;
      const small = x < 0 ? 0 : x > split ? split : x;
      out[i] =
        Math.fround(nearestEven(Math.fround(large / coarse)) * coarse) +
        Math.fround(nearestEven(Math.fround(small / fine)) * fine);
    }
  },
  write(writer, value, scales, bits) {
    const splits = scales.map((scale) => splitOf(scale, bits));
    const split = writer.perGroup("_split", splits);
    const [zero, one] = [writer.perGroup("_zero", [0]), writer.perGroup("_one", [1])];
    const large = clampedPart(writer, value, "_coarse", [coarseStep(bits)], split, one);
    const small = clampedPart(writer, value, "_fine", scales, zero, split);
    return writer.builder.plus(large, small, writer.name(""));
  },
};

/** Δ·round(clip(x, from, to)/Δ); Max and Min, since Clip takes scalars only. */
function clampedPart(
  { builder, name, perGroup }: QuantizerWriter,
  value: string,
  side: string,
  steps: readonly number[],
  from: string,
  to: string,
): string {
  const step = perGroup(`${side}_step`, steps);
  const atLeast = builder.add("Max", [value, from], {}, name(`${side}_at_least`));
  const clipped = builder.add("Min", [atLeast, to], {}, name(`${side}_clipped`));
  const rounded = builder.add(
    "Round",
    [builder.over(clipped, step, name(`${side}_in_steps`))],
    {},
    name(`${side}_rounded`),
  );
  return builder.times(rounded, step, name(`${side}_part`));
}
