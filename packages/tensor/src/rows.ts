import type { Tensor } from "./tensor.js";

/** Rows and columns of a tensor seen as a matrix: the last axis is the row. */
function matrixOf(values: Tensor): { readonly rows: number; readonly width: number; readonly data: Float32Array } {
  const width = values.shape.at(-1) ?? 1;
  return { rows: width === 0 ? 0 : values.data.length / width, width, data: values.data };
}

/** Probabilities of each row. @param logits [B, K] @returns [B, K], rows sum to 1 */
export function softmaxRows(logits: Tensor): Tensor {
  const { rows, width, data } = matrixOf(logits);
  const out = new Float32Array(data.length);
  const exponentials = new Float64Array(width);
  for (let r = 0; r < rows; r++) {
    const at = r * width;
    let largest = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < width; k++) largest = Math.max(largest, data[at + k]);
    let sum = 0;
    for (let k = 0; k < width; k++) {
      const e = Math.exp(data[at + k] - largest);
      exponentials[k] = e;
      sum += e;
    }
    for (let k = 0; k < width; k++) out[at + k] = exponentials[k] / sum;
  }
  return { shape: logits.shape, data: out };
}

/** −Σ p·ln p of each row, in nats; 0·ln 0 is 0. @param probabilities [B, K] @returns [B] */
export function entropyRows(probabilities: Tensor): Float32Array {
  const { rows, width, data } = matrixOf(probabilities);
  const out = new Float32Array(rows);
  for (let r = 0; r < rows; r++) {
    let entropy = 0;
    for (let k = 0; k < width; k++) {
      const p = data[r * width + k];
      if (p > 0) entropy -= p * Math.log(p);
    }
    out[r] = entropy;
  }
  return out;
}

/** Column of the largest value of each row; the lowest column wins ties. @param values [B, K] @returns [B] */
export function argmaxRows(values: Tensor): Int32Array {
  const { rows, width, data } = matrixOf(values);
  const out = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    let best = 0;
    for (let k = 1; k < width; k++) {
      if (data[r * width + k] > data[r * width + best]) best = k;
    }
    out[r] = best;
  }
  return out;
}

/** Largest value of each row. @param values [B, K] @returns [B] */
export function maxRows(values: Tensor): Float32Array {
  const { width, data } = matrixOf(values);
  return Float32Array.from(argmaxRows(values), (column, row) => data[row * width + column]);
}
