import type { Bits } from "@quee/core";
import { codeBound } from "../quantizers/quantizer.js";
import type { Products } from "../search/products.js";

/** Noise of an output that nobody sees, beside its root mean square, at 8 bits. */
const INVISIBLE = 1e-4;

/**
 * The step below which finer steps of the input change a linear layer's output by less than a ten-thousandth of it (at 8 bits; the
 * range it belongs to is the same at fewer). Where a calibration set leaves an input all but dead, as the second performer of a T2T-ViT
 * can be, steps chosen from it would clip every image on which it is alive.
 * Rounding noise of K inputs: Δ·√(K/12)·rms(W).
 */
export function visibleStep({ right, target, bias, inner, columns }: Products, bits: Bits): number {
  const output = rms(target, (i) => bias?.[i % columns] ?? 0);
  const weight = rms(right, () => 0);
  if (weight === 0) return 0;
  return (INVISIBLE * output * 128) / (codeBound(bits) * Math.sqrt(inner / 12) * weight);
}

function rms(values: Float32Array, plus: (index: number) => number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] + plus(i)) ** 2;
  return Math.sqrt(sum / values.length);
}
