import { QueeError } from "@quee/core";

/** The element types that go in and out of a graph. */
export type TensorData = Float32Array | Float64Array | Int8Array | Uint8Array | Int32Array | BigInt64Array;

/** A shape and its values, row-major. */
export interface Tensor<Data extends TensorData = Float32Array> {
  readonly shape: readonly number[];
  readonly data: Data;
}

/** Checks once, at the door, that the data fills the shape. */
export function tensor<Data extends TensorData>(shape: readonly number[], data: Data): Tensor<Data> {
  if (sizeOf(shape) !== data.length) {
    throw new QueeError({
      code: "E_TENSOR_SHAPE",
      kind: "internal",
      where: `tensor of shape [${shape.join(", ")}]`,
      expected: `${sizeOf(shape)} values`,
      got: String(data.length),
    });
  }
  return { shape, data };
}

export function zeros(shape: readonly number[]): Tensor {
  return { shape, data: new Float32Array(sizeOf(shape)) };
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}
