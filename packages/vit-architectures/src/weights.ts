import { randomStream } from "@quee/tensor";

/** Standard deviation of fresh weights, as ViT and T2T-ViT train from. */
const STANDARD_DEVIATION = 0.02;

/**
 * Normal(0, 0.02²) cut off at two standard deviations. Every parameter draws from the stream of its own name, so a network
 * that gets one more layer keeps the weights of the others.
 */
export function truncatedNormal(count: number, seed: number, parameterName: string): Float32Array {
  const random = randomStream(seed, parameterName);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    let z = random.normal();
    while (Math.abs(z) > 2) z = random.normal();
    values[i] = z * STANDARD_DEVIATION;
  }
  return values;
}

/** Orthonormal rows times `scale`, by Gram–Schmidt on normal draws. @returns [rows, columns], rows ≤ columns */
export function orthogonalRows(
  rows: number,
  columns: number,
  scale: number,
  seed: number,
  parameterName: string,
): Float32Array {
  const random = randomStream(seed, parameterName);
  const basis: Float64Array[] = [];
  while (basis.length < rows) {
    const row = Float64Array.from({ length: columns }, () => random.normal());
    // Twice: one pass leaves rounding errors of the size of the projections that it takes away.
    for (let pass = 0; pass < 2; pass++) {
      for (const earlier of basis) subtractProjection(row, earlier);
    }
    const length = Math.sqrt(dot(row, row));
    basis.push(row.map((x) => x / length));
  }
  return Float32Array.from(basis.flatMap((row) => Array.from(row, (x) => x * scale)));
}

/**
 * sin on even and cos on odd columns of position / 10000^(2⌊i/2⌋/D). Attention Is All You Need (arXiv 1706.03762),
 * section 3.5. @returns [T, D]
 */
export function sinusoidalPositions(tokens: number, width: number): Float32Array {
  const table = new Float32Array(tokens * width);
  for (let t = 0; t < tokens; t++) {
    for (let i = 0; i < width; i++) {
      const angle = t / 10000 ** ((2 * Math.floor(i / 2)) / width);
      table[t * width + i] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  }
  return table;
}

function subtractProjection(row: Float64Array, unit: Float64Array): void {
  const along = dot(row, unit);
  for (let i = 0; i < row.length; i++) row[i] -= along * unit[i];
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
