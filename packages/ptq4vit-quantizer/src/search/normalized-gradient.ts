import { notFinite } from "../not-finite.js";

/**
 * g divided by its root mean square over the layer: the best scales are the same, and squares of tiny gradients do not underflow.
 * A layer without any gradient keeps its zeros.
 * @throws QueeError of kind numeric where the gradient is not finite
 */
export function normalizedGradient(gradient: Float32Array, where: string): Float32Array {
  let sum = 0;
  for (const g of gradient) sum += g * g;
  // Squares of float32 do not overflow float64: an infinite sum has an infinite term.
  if (!Number.isFinite(sum)) throw notFinite(where, "a gradient that is not");
  const rms = Math.sqrt(sum / gradient.length);
  return rms > 0 ? gradient.map((g) => g / rms) : gradient;
}
