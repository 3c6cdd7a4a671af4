import type { Constant, DType } from "@quee/onnx-graph";
import { TensorProto_DataType as DataType, type TensorProto } from "./generated/onnx_pb.js";

/** How one element type lies in a file and in memory. */
export interface ElementType {
  readonly code: DataType;
  readonly bytes: number;
  /** The list that holds the values where raw_data does not. */
  readonly list: "floatData" | "int32Data" | "int64Data" | "doubleData" | "uint64Data" | "stringData";
  /** Least and largest value in an integer list that is wider than the type. */
  readonly range?: readonly [number, number];
  /** A view of the right type on aligned little-endian bytes of its own. */
  readonly view: (bytes: Uint8Array<ArrayBuffer>) => Constant["data"];
}

const keep = (bytes: Uint8Array<ArrayBuffer>) => bytes;

/** One row per element type of the graph: a type without a row does not compile. */
export const elementTypes: { readonly [Type in DType]: ElementType } = {
  float32: { code: DataType.FLOAT, bytes: 4, list: "floatData", view: ({ buffer }) => new Float32Array(buffer) },
  float64: { code: DataType.DOUBLE, bytes: 8, list: "doubleData", view: ({ buffer }) => new Float64Array(buffer) },
  float16: { code: DataType.FLOAT16, bytes: 2, list: "int32Data", range: [0, 65535], view: keep },
  bfloat16: { code: DataType.BFLOAT16, bytes: 2, list: "int32Data", range: [0, 65535], view: keep },
  int8: {
    code: DataType.INT8,
    bytes: 1,
    list: "int32Data",
    range: [-128, 127],
    view: ({ buffer }) => new Int8Array(buffer),
  },
  uint8: { code: DataType.UINT8, bytes: 1, list: "int32Data", range: [0, 255], view: keep },
  int16: { code: DataType.INT16, bytes: 2, list: "int32Data", range: [-32768, 32767], view: keep },
  uint16: { code: DataType.UINT16, bytes: 2, list: "int32Data", range: [0, 65535], view: keep },
  int32: { code: DataType.INT32, bytes: 4, list: "int32Data", view: ({ buffer }) => new Int32Array(buffer) },
  uint32: { code: DataType.UINT32, bytes: 4, list: "uint64Data", range: [0, 2 ** 32 - 1], view: keep },
  int64: { code: DataType.INT64, bytes: 8, list: "int64Data", view: ({ buffer }) => new BigInt64Array(buffer) },
  uint64: { code: DataType.UINT64, bytes: 8, list: "uint64Data", view: keep },
  bool: { code: DataType.BOOL, bytes: 1, list: "int32Data", range: [0, 1], view: keep },
  string: { code: DataType.STRING, bytes: 1, list: "stringData", view: keep },
};

const byCode = new Map<number, DType>(
  (Object.keys(elementTypes) as DType[]).map((type) => [elementTypes[type].code, type]),
);

export function elementTypeOf(code: number): DType | undefined {
  return byCode.get(code);
}

/** The name of a type in the ONNX format, for messages. */
export function nameOfElementType(code: number): string {
  return DataType[code] ?? `number ${code}`;
}

/** The lists of a tensor message that can hold values. */
export const valueLists = [
  "floatData",
  "int32Data",
  "int64Data",
  "doubleData",
  "uint64Data",
  "stringData",
] as const satisfies readonly (keyof TensorProto)[];
