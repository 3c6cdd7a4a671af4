import { dtypeOfCode } from "../element-types.js";
import type { DType } from "../graph.js";
import type { ShapeRule } from "./call.js";

/** f(x): type and shape of the first input. */
const unary: ShapeRule = (call) => [{ dtype: call.dtype(0), shape: call.shape(0) }];

/** f(a, b, …): broadcast, the type of the first operand that has one. */
const variadic: ShapeRule = (call) => {
  const operands = call.node.inputs.map((_, i) => i);
  return [
    {
      dtype: operands.map((i) => call.dtype(i)).find((dtype) => dtype !== null) ?? null,
      shape: call.broadcast(...operands),
    },
  ];
};

const binary: ShapeRule = (call) => [{ dtype: call.dtype(0) ?? call.dtype(1), shape: call.broadcast(0, 1) }];

/** The exponent may have another type than the base. */
const power: ShapeRule = (call) => [{ dtype: call.dtype(0), shape: call.broadcast(0, 1) }];

const predicate: ShapeRule = (call) => [{ dtype: "bool", shape: call.broadcast(0, 1) }];

const test: ShapeRule = (call) => [{ dtype: "bool", shape: call.shape(0) }];

const dropout: ShapeRule = (call) => [
  { dtype: call.dtype(0), shape: call.shape(0) },
  { dtype: "bool" satisfies DType, shape: call.shape(0) },
];

export const elementwiseRules = {
  Abs: unary,
  Ceil: unary,
  Clip: unary,
  Cos: unary,
  Elu: unary,
  Erf: unary,
  Exp: unary,
  Floor: unary,
  Gelu: unary,
  HardSigmoid: unary,
  HardSwish: unary,
  Identity: unary,
  LeakyRelu: unary,
  Log: unary,
  Neg: unary,
  Reciprocal: unary,
  Relu: unary,
  Round: unary,
  Sigmoid: unary,
  Sign: unary,
  Sin: unary,
  Softplus: unary,
  Sqrt: unary,
  Tanh: unary,
  ThresholdedRelu: unary,
  Not: test,
  IsNaN: test,
  IsInf: test,
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Mod: binary,
  PRelu: binary,
  Pow: power,
  Max: variadic,
  Min: variadic,
  Sum: variadic,
  Mean: variadic,
  And: predicate,
  Or: predicate,
  Xor: predicate,
  Equal: predicate,
  Greater: predicate,
  GreaterOrEqual: predicate,
  Less: predicate,
  LessOrEqual: predicate,
  Where: (call) => [{ dtype: call.dtype(1) ?? call.dtype(2), shape: call.broadcast(0, 1, 2) }],
  Cast: (call) => [{ dtype: dtypeOfCode(call.int("to", 0)), shape: call.shape(0) }],
  Dropout: dropout,
  "com.microsoft:Gelu": unary,
  "com.microsoft:QuickGelu": unary,
  "com.microsoft:FastGelu": unary,
  "com.microsoft:BiasGelu": binary,
} as const satisfies Readonly<Record<string, ShapeRule>>;
