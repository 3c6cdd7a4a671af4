import { type Tensor, zeros } from "@quee/tensor";

/**
 * y = x·W + b of each row, for the few rows of a view. Sums are float64, each in the order of F; four of them go on at a time,
 * so that none waits for the addition before it.
 * @param x [n, F] @param weight [F, K] @param bias [K] @returns [n, K]
 */
export function denseRows(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [count, width] = x.shape;
  const outputs = weight.shape[1];
  const y = zeros([count, outputs]);
  const [from, w, b, to] = [x.data, weight.data, bias.data, y.data];
  const inFours = outputs - (outputs % 4);
  for (let i = 0; i < count; i++) {
    const row = i * width;
    for (let k = 0; k < inFours; k += 4) {
      let [s0, s1, s2, s3] = [b[k], b[k + 1], b[k + 2], b[k + 3]];
      for (let f = 0, at = k; f < width; f++, at += outputs) {
        const value = from[row + f];
        s0 += value * w[at];
        s1 += value * w[at + 1];
        s2 += value * w[at + 2];
        s3 += value * w[at + 3];
      }
      to.set([s0, s1, s2, s3], i * outputs + k);
    }
    for (let k = inFours; k < outputs; k++) {
      let sum = b[k];
      for (let f = 0, at = k; f < width; f++, at += outputs) sum += from[row + f] * w[at];
      to[i * outputs + k] = sum;
    }
  }
  return y;
}
