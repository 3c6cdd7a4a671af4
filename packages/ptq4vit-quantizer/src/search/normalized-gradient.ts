/**
 * g divided by its root mean square over the layer: the best scales are the same, and squares of tiny gradients do not underflow.
 * A layer without any gradient keeps its zeros.
 */
export function normalizedGradient(gradient: Float32Array): Float32Array {
  let sum = 0;
  for (const g of gradient) sum += g * g;
  const rms = Math.sqrt(sum / gradient.length);
  return rms > 0 ? gradient.map((g) => g / rms) : gradient;
}
