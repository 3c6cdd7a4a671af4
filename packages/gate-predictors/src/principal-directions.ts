import type { Random } from "@quee/tensor";

export interface PrincipalDirections {
  /** [D] */
  readonly mean: Float64Array;
  /** Unit vectors, the one of most variance first; fewer than asked for where rows span no more. */
  readonly directions: readonly { readonly vector: Float64Array; readonly variance: number }[];
}

const iterations = 100;

/**
 * The directions of most variance of some rows: orthogonal iteration on their covariance matrix, from random vectors. Neighbours of
 * nearly one variance may come out mixed with each other, which leaves what they span together.
 * @param rows [n, D]
 */
export function principalDirections(
  rows: Float32Array,
  width: number,
  directionCount: number,
  random: Random,
): PrincipalDirections {
  const { mean, covariance } = momentsOf(rows, width);
  const total = covariance.reduce((sum, value, at) => (at % (width + 1) === 0 ? sum + value : sum), 0);
  const count = Math.min(directionCount, width);
  let vectors: readonly Float64Array[] = Array.from({ length: count }, () =>
    Float64Array.from({ length: width }, () => random.normal()),
  );
  for (let i = 0; i < iterations; i++) vectors = orthonormal(vectors.map((vector) => times(covariance, vector)));
  return {
    mean,
    directions: vectors
      .map((vector) => ({ vector, variance: dot(vector, times(covariance, vector)) }))
      .filter(({ variance }) => variance > 1e-9 * total),
  };
}

/** @returns mean [D] and covariance [D, D] */
function momentsOf(rows: Float32Array, width: number) {
  const count = rows.length / width;
  const mean = new Float64Array(width);
  for (let at = 0; at < rows.length; at++) mean[at % width] += rows[at] / count;
  const covariance = new Float64Array(width * width);
  const centred = new Float64Array(width);
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < width; d++) centred[d] = rows[i * width + d] - mean[d];
    for (let d = 0; d < width; d++) {
      for (let e = d; e < width; e++) covariance[d * width + e] += (centred[d] * centred[e]) / count;
    }
  }
  for (let d = 0; d < width; d++) for (let e = 0; e < d; e++) covariance[d * width + e] = covariance[e * width + d];
  return { mean, covariance };
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const width = vector.length;
  return Float64Array.from({ length: width }, (_, d) => dot(matrix.subarray(d * width, (d + 1) * width), vector));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** Gram and Schmidt, in the order given; what nothing is left of becomes zero. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    let rest = vector;
    // Twice: once leaves rounding errors of nearly parallel vectors.
    for (const other of [...done, ...done]) {
      const along = dot(rest, other);
      rest = rest.map((value, d) => value - along * other[d]);
    }
    const length = Math.sqrt(dot(rest, rest));
    done.push(length > 1e-12 * Math.sqrt(dot(vector, vector)) ? rest.map((value) => value / length) : rest.fill(0));
  }
  return done;
}
