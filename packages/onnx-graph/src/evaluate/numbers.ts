import { QueeError } from "@quee/core";
import { sizeOf, type TensorData } from "@quee/tensor";
import type { Constant, DType } from "../graph.js";

/** Element types whose values we compute with; the others stay bytes. */
const arrays: ReadonlyMap<DType, (size: number) => TensorData> = new Map<DType, (size: number) => TensorData>([
  ["float32", (size) => new Float32Array(size)],
  ["float64", (size) => new Float64Array(size)],
  ["int8", (size) => new Int8Array(size)],
  ["uint8", (size) => new Uint8Array(size)],
  ["bool", (size) => new Uint8Array(size)],
  ["int32", (size) => new Int32Array(size)],
  ["int64", (size) => new BigInt64Array(size)],
]);

/** Bytes of one element of a type that we compute with; null for the others. */
export function bytesOf(dtype: DType): number | null {
  return arrays.get(dtype)?.(0).BYTES_PER_ELEMENT ?? null;
}

/** Zeros of a type; null when we do not compute with it. */
export function arrayOf(dtype: DType, size: number): TensorData | null {
  return arrays.get(dtype)?.(size) ?? null;
}

/** The values as numbers; null when we do not compute with the type, or an int64 is no exact number. */
export function numbersOf({ dtype, data }: Constant): ArrayLike<number> | null {
  if (!arrays.has(dtype)) return null;
  if (!(data instanceof BigInt64Array)) return data;
  const numbers = Float64Array.from(data, Number);
  return numbers.every((value) => Number.isSafeInteger(value)) ? numbers : null;
}

/**
 * A constant of computed numbers. Integers wrap as the type does; null for an int64 that a number does not hold exactly, or a
 * fraction that got where an integer should be.
 */
export function constantOfNumbers(dtype: DType, dims: readonly number[], values: ArrayLike<number>): Constant | null {
  const data = arrayOf(dtype, sizeOf(dims));
  if (data === null) return null;
  if (data.length !== values.length) throw disagreement(dims, values.length);
  if (data instanceof BigInt64Array) {
    for (let i = 0; i < data.length; i++) {
      if (!Number.isSafeInteger(values[i])) return null;
      data[i] = BigInt(values[i]);
    }
    return { dtype, dims, data };
  }
  for (let i = 0; i < data.length; i++) data[i] = values[i];
  return { dtype, dims, data };
}

/** The rule that says the shape and the arithmetic that makes the values must agree; if they do not, it is our bug. */
function disagreement(dims: readonly number[], count: number): QueeError {
  return new QueeError({
    code: "E_GRAPH_EVALUATE",
    kind: "internal",
    where: `constant of shape [${dims.join(", ")}]`,
    expected: `${sizeOf(dims)} values`,
    got: String(count),
  });
}
