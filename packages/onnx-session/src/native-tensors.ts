import { QueeError, show } from "@quee/core";
import { sizeOf, type Tensor, type TensorData } from "@quee/tensor";
import * as ort from "onnxruntime-node";

/** The arrays that onnxruntime takes and gives, by element type. */
const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  // Types that have no array in @quee/tensor come and go as bytes.
  float16: Uint16Array,
  int16: Int16Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
} as const;
type NativeType = keyof typeof arrays;
const asBytes: ReadonlySet<string> = new Set<NativeType>(["float16", "int16", "uint16", "uint32", "uint64"]);

/**
 * A tensor of ours as onnxruntime wants it for an input of this type, without a copy where the bytes lie well.
 * @param input the name of the input, for messages
 */
export function toNative({ shape, data }: Tensor<TensorData>, type: ort.Tensor.Type, input: string): ort.Tensor {
  const wanted = arrays[type as NativeType];
  const bytes = asBytes.has(type);
  if (wanted === undefined || !(data instanceof (bytes ? Uint8Array : wanted))) {
    throw wrongFeed(
      input,
      `${wanted === undefined ? "a tensor of numbers" : wanted.name} (${type})`,
      data.constructor.name,
    );
  }
  const length = data.byteLength / wanted.BYTES_PER_ELEMENT;
  if (sizeOf(shape) !== length)
    throw wrongFeed(input, `${sizeOf(shape)} values for [${shape.join(", ")}]`, show(length));
  if (!bytes) return new ort.Tensor(type as "float32", data as Float32Array, shape);
  const aligned = data.byteOffset % wanted.BYTES_PER_ELEMENT === 0 ? data : Uint8Array.from(data as Uint8Array);
  const view = new wanted(aligned.buffer as ArrayBuffer, aligned.byteOffset, length);
  return new ort.Tensor(type as "uint16", view as Uint16Array, shape);
}

/** An answer of onnxruntime; the data is the caller's. Text is refused. */
export function fromNative(value: ort.Tensor, output: string): Tensor<TensorData> {
  const { dims: shape, data, type } = value;
  if (Array.isArray(data)) throw wrongFeed(output, "numbers", "text");
  if (asBytes.has(type))
    return { shape, data: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength) };
  return { shape, data: data as TensorData };
}

function wrongFeed(name: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_SESSION_FEED", kind: "internal", where: `value "${name}"`, expected, got });
}
