import type { Dim } from "../graph.js";
import { showShape } from "../shapes/dims.js";
import type { Call, ShapeRule } from "./call.js";
import { einsumShape } from "./einsum.js";

/** NumPy matmul: a one-dimensional operand gets an axis that the result loses again. */
export function matMulShape(call: Call, a: readonly Dim[] | null, b: readonly Dim[] | null): readonly Dim[] | null {
  if (a === null || b === null || a.length === 0 || b.length === 0) return null;
  const left = a.length === 1 ? [1, ...a] : a;
  const right = b.length === 1 ? [...b, 1] : b;
  const inner = left.at(-1);
  const other = right.at(-2);
  if (typeof inner === "number" && typeof other === "number" && inner !== other) {
    throw call.mismatch("equal inner dimensions", `${showShape(a)} and ${showShape(b)}`);
  }
  const batch = call.broadcastOf([left.slice(0, -2), right.slice(0, -2)]);
  if (batch === null) return null;
  return [...batch, ...(a.length === 1 ? [] : [left.at(-2) as Dim]), ...(b.length === 1 ? [] : [right.at(-1) as Dim])];
}

const gemm: ShapeRule = (call) => {
  const a = call.shape(0);
  const b = call.shape(1);
  if (a?.length !== 2 || b?.length !== 2) return [{ dtype: call.dtype(0), shape: null }];
  const left = call.int("transA", 0) === 0 ? a : [a[1], a[0]];
  const right = call.int("transB", 0) === 0 ? b : [b[1], b[0]];
  return [{ dtype: call.dtype(0) ?? call.dtype(1), shape: matMulShape(call, left, right) }];
};

export const productRules = {
  MatMul: (call) => [{ dtype: call.dtype(0) ?? call.dtype(1), shape: matMulShape(call, call.shape(0), call.shape(1)) }],
  Gemm: gemm,
  Einsum: (call) => [{ dtype: call.dtype(0), shape: einsumShape(call) }],
  MatMulInteger: (call) => [{ dtype: "int32", shape: matMulShape(call, call.shape(0), call.shape(1)) }],
  // a, a_scale, a_zero_point, b, …, y_zero_point
  QLinearMatMul: (call) => [{ dtype: call.dtype(7), shape: matMulShape(call, call.shape(0), call.shape(3)) }],
  "com.microsoft:MatMulIntegerToFloat": (call) => [
    { dtype: call.dtype(2) ?? "float32", shape: matMulShape(call, call.shape(0), call.shape(1)) },
  ],
  "com.microsoft:DynamicQuantizeMatMul": (call) => [
    { dtype: "float32", shape: matMulShape(call, call.shape(0), call.shape(1)) },
  ],
} as const satisfies Readonly<Record<string, ShapeRule>>;
