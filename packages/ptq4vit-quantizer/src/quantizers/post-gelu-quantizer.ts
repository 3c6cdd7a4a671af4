import { searchGrid } from "./candidate-grid.js";
import { nearestEven } from "./half-even.js";
import { codeBound, type Quantizer } from "./quantizer.js";
import { minMaxScale } from "./uniform-quantizer.js";

/** −min GELU(x), at x ≈ −0.7518. */
const GELU_DEPTH = 0.16997124254703522;

/**
 * Δ⁺·clip(round(x/Δ⁺), 0, Q − 1) + Δ⁻·clip(round(x/Δ⁻), −Q, 0): the short negative range of a GELU has a step of its own, fixed at
 * Δ⁻ = |min GELU| / Q; Δ⁺ is searched. PTQ4ViT (arXiv 2111.12293), twin uniform quantization. As in its code, Δ⁺ need not be Δ⁻ times
 * a power of two.
 */
export const postGelu: Quantizer = {
  kind: "post-gelu",
  // Values of which none is positive need no positive step; any will do.
  initialScale: ({ most }, bits, where) => minMaxScale(Math.max(most, 0), bits, where),
  candidates(range, bits, where) {
    return searchGrid(this.initialScale(range, bits, where));
  },
  roundInto(out, values, scale, bits) {
    const positive = Math.fround(scale);
    const negative = this.fixedScale(bits) as number;
    const most = codeBound(bits) - 1;
    const least = -codeBound(bits);
    for (let i = 0; i < values.length; i++) {
      const x = values[i];
      const code = nearestEven(Math.fround(x / (x > 0 ? positive : negative)));
      out[i] = x > 0 ? Math.min(code, most) * positive : Math.max(code, least) * negative;
    }
  },
  parts(scale, bits) {
    return [
      { scale, least: 0, most: codeBound(bits) - 1 },
      { scale: this.fixedScale(bits) as number, least: -codeBound(bits), most: 0 },
    ];
  },
  fixedScale: (bits) => Math.fround(GELU_DEPTH / codeBound(bits)),
  write({ builder, name, perGroup }, value, scales, bits) {
    const part = (side: string, steps: readonly number[], least: number, most: number) => {
      const step = perGroup(`${side}_step`, steps);
      const rounded = builder.add(
        "Round",
        [builder.over(value, step, name(`${side}_in_steps`))],
        {},
        name(`${side}_rounded`),
      );
      const range = [perGroup(`${side}_least`, [least]), perGroup(`${side}_most`, [most])];
      return builder.times(
        builder.add("Clip", [rounded, ...range], {}, name(`${side}_codes`)),
        step,
        name(`${side}_part`),
      );
    };
    const positive = part("_positive", scales, 0, codeBound(bits) - 1);
    const negative = part("_negative", [this.fixedScale(bits) as number], -codeBound(bits), 0);
    return builder.plus(positive, negative, name(""));
  },
};
