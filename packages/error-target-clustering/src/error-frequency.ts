/** Samples and errors of the cells of one path. */
export interface CellErrors {
  /** [C] samples per cell */
  readonly sizes: Int32Array;
  /** [C] p̃e(Q), in [0, 1] */
  readonly errorRate: Float32Array;
  /** err_π: error frequency of the path over all samples */
  readonly baseRate: number;
}

/**
 * p̃e(f_π, Q): the error frequency of each cell. QuEE (arXiv 2406.14404), equations 11 and 12, with shrinkage towards the error
 * frequency of the path: (err_Q + κ·err_π) / (m_Q + κ). κ = 0 is the equation as printed. An empty cell has no frequency of
 * its own: with κ = 0 too it takes the path's.
 * @param cells [N] cell of each sample @param wrong [N] 1 where f_π(x) ≠ y
 */
export function errorFrequency(
  cells: Int32Array,
  wrong: Uint8Array,
  { clusterCount, shrinkage }: { readonly clusterCount: number; readonly shrinkage: number },
): CellErrors {
  const sizes = new Int32Array(clusterCount);
  const errors = new Int32Array(clusterCount);
  cells.forEach((cell, i) => {
    sizes[cell]++;
    errors[cell] += wrong[i];
  });
  const baseRate = errors.reduce((sum, count) => sum + count, 0) / cells.length;
  const errorRate = Float32Array.from(sizes, (size, cell) =>
    size + shrinkage === 0 ? baseRate : (errors[cell] + shrinkage * baseRate) / (size + shrinkage),
  );
  return { sizes, errorRate, baseRate };
}

/** 1 where the most probable class (the lowest of equals) is not the label. @param predicted [N] @returns [N] */
export function wrongOnes(predicted: Int32Array, labels: Int32Array): Uint8Array {
  return Uint8Array.from(predicted, (label, i) => (label === labels[i] ? 0 : 1));
}
