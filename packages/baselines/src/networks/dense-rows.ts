import { type Tensor, zeros } from "@quee/tensor";

/** y = x·W + b of each row, for the few rows of a view. @param x [n, F] @param weight [F, K] @param bias [K] @returns [n, K] */
export function denseRows(x: Tensor, weight: Tensor, bias: Tensor): Tensor {
  const [count, width] = x.shape;
  const outputs = weight.shape[1];
  const y = zeros([count, outputs]);
  const sums = new Float64Array(outputs);
  for (let i = 0; i < count; i++) {
    sums.set(bias.data);
    for (let f = 0; f < width; f++) {
      const value = x.data[i * width + f];
      if (value === 0) continue;
      const at = f * outputs;
      for (let k = 0; k < outputs; k++) sums[k] += value * weight.data[at + k];
    }
    y.data.set(sums, i * outputs);
  }
  return y;
}
