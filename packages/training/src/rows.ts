import { sizeOf, type Tensor, type TensorData } from "@quee/tensor";

/** Copies rows (of the first axis) in the order of `indices`. @param values [N, …] @returns [indices.length, …] */
export function gatherRows<Data extends TensorData>(values: Tensor<Data>, indices: ArrayLike<number>): Tensor<Data> {
  const width = sizeOf(values.shape.slice(1));
  const create = values.data.constructor as new (length: number) => Data;
  const data = new create(indices.length * width);
  for (let row = 0; row < indices.length; row++) {
    const from = indices[row] * width;
    // Each Data is one kind of array; the union's `set` cannot know that both sides are the same.
    (data as Float32Array).set(values.data.subarray(from, from + width) as Float32Array, row * width);
  }
  return { shape: [indices.length, ...values.shape.slice(1)], data };
}

/** Row i has a 1 at column labels[i] and zeros elsewhere. @returns [labels.length, classCount] */
export function oneHot(labels: ArrayLike<number>, classCount: number): Tensor {
  const data = new Float32Array(labels.length * classCount);
  for (let row = 0; row < labels.length; row++) data[row * classCount + labels[row]] = 1;
  return { shape: [labels.length, classCount], data };
}
