import type { DType } from "./graph.js";

/** ONNX numbers its element types; `Cast` and a few others carry the number as an attribute. */
const codes: ReadonlyMap<DType, number> = new Map([
  ["float32", 1],
  ["uint8", 2],
  ["int8", 3],
  ["uint16", 4],
  ["int16", 5],
  ["int32", 6],
  ["int64", 7],
  ["string", 8],
  ["bool", 9],
  ["float16", 10],
  ["float64", 11],
  ["uint32", 12],
  ["uint64", 13],
  ["bfloat16", 16],
]);

const names: ReadonlyMap<number, DType> = new Map([...codes].map(([name, code]) => [code, name]));

/** The number ONNX gives to an element type. */
export function codeOfDType(dtype: DType): number {
  return codes.get(dtype) as number;
}

/** The element type of an ONNX number; null when we do not name it (complex, float8, int4…). */
export function dtypeOfCode(code: number): DType | null {
  return names.get(code) ?? null;
}
