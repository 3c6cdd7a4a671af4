import { dtypeOfCode } from "../element-types.js";
import type { ShapeRule } from "./call.js";

const quantize: ShapeRule = (call) => [
  {
    // Without a zero point: `output_dtype` since opset 21, else uint8.
    dtype: call.has(2) ? call.dtype(2) : (dtypeOfCode(call.int("output_dtype", 0)) ?? "uint8"),
    shape: call.shape(0),
  },
];

const dequantize: ShapeRule = (call) => [{ dtype: call.dtype(1) ?? "float32", shape: call.shape(0) }];

export const quantizationRules = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: (call) => [
    { dtype: "uint8", shape: call.shape(0) },
    { dtype: "float32", shape: [] },
    { dtype: "uint8", shape: [] },
  ],
  "com.microsoft:QuantizeLinear": quantize,
  "com.microsoft:DequantizeLinear": dequantize,
} as const satisfies Readonly<Record<string, ShapeRule>>;
