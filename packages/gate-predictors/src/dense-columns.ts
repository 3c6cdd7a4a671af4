import type { DenseLayer } from "./network.js";

/** A layer ready to be applied to many samples. */
export interface FlatLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** [inputs, outputs], float64 like all that is added up. */
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

export function flatten({ weight, bias }: DenseLayer): FlatLayer {
  const [inputs, outputs] = weight.shape;
  return {
    inputs,
    outputs,
    weight: Float64Array.from(weight.data),
    bias: Float64Array.from(bias?.data ?? new Float64Array(outputs)),
  };
}

/**
 * y = Wᵀ·x + b of `count` samples that lie side by side: neuron by neuron, four inputs at a time, whose weights stay in registers
 * while the samples go by. About three times as fast as sample by sample.
 * @param x [inputs, count] @param y [outputs, count]; both may be longer
 */
export function applyDense(
  { inputs, outputs, weight, bias }: FlatLayer,
  x: Float64Array,
  y: Float64Array,
  count: number,
) {
  const whole = inputs - (inputs % 4);
  for (let o = 0; o < outputs; o++) {
    const to = o * count;
    y.fill(bias[o], to, to + count);
    for (let i = 0; i < whole; i += 4) {
      const w0 = weight[i * outputs + o];
      const w1 = weight[(i + 1) * outputs + o];
      const w2 = weight[(i + 2) * outputs + o];
      const w3 = weight[(i + 3) * outputs + o];
      const from0 = i * count;
      const from1 = from0 + count;
      const from2 = from1 + count;
      const from3 = from2 + count;
      for (let s = 0; s < count; s++) {
        y[to + s] += w0 * x[from0 + s] + w1 * x[from1 + s] + w2 * x[from2 + s] + w3 * x[from3 + s];
      }
    }
    for (let i = whole; i < inputs; i++) {
      const w = weight[i * outputs + o];
      for (let s = 0; s < count; s++) y[to + s] += w * x[i * count + s];
    }
  }
}

/** max(x, 0) of the first `length` values. */
export function rectify(values: Float64Array, length: number): void {
  for (let i = 0; i < length; i++) values[i] = Math.max(values[i], 0);
}

/** @param rows [count, width] @returns [width, count] */
export function turned(rows: Float32Array, count: number, width: number): Float64Array {
  const columns = new Float64Array(rows.length);
  for (let i = 0, at = 0; i < count; i++) for (let f = 0; f < width; f++) columns[f * count + i] = rows[at++];
  return columns;
}
