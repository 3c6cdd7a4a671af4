/** α, β and n of PTQ4ViT's search; the paper says α = 0, its code 0.01. The last multiplier, β itself, is never tried. */
const ALPHA = 0.01;
const BETA = 1.2;
const COUNT = 100;

/** mᵢ = α + i·(β − α)/n, i = 0 … n − 1: computed in double, kept in float32. */
const multipliers = Float32Array.from({ length: COUNT }, (_, i) => ALPHA + (i * (BETA - ALPHA)) / COUNT);

/** Δᵢ = mᵢ·Δ₀ in float32: fixed before the first round, they do not follow what a round chooses. */
export function searchGrid(initialScale: number): Float32Array {
  return multipliers.map((m) => m * Math.fround(initialScale));
}
