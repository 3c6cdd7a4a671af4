import { roundHalfEven, sizeOf } from "@quee/tensor";
import type { Constant } from "../graph.js";
import type { Call } from "../rules/call.js";
import { broadcastShapes, isStatic } from "../shapes/dims.js";
import { errorFunction } from "./error-function.js";
import { stridesOf, sumOffsets } from "./movement.js";
import { numbersOf } from "./numbers.js";

type Scalar = (...operands: number[]) => number;

const integral = (call: Call) => call.dtype(0)?.includes("int") ?? false;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** One number from the numbers at one place. NaN and bool (0, 1) behave as in ONNX. */
const scalars: ReadonlyMap<string, (call: Call) => Scalar> = new Map<string, (call: Call) => Scalar>([
  ["Abs", () => Math.abs],
  ["Ceil", () => Math.ceil],
  ["Cos", () => Math.cos],
  ["Erf", () => errorFunction],
  ["Exp", () => Math.exp],
  ["Floor", () => Math.floor],
  ["Log", () => Math.log],
  ["Neg", () => (x) => -x],
  ["Reciprocal", () => (x) => 1 / x],
  ["Relu", () => (x) => Math.max(x, 0)],
  ["Round", () => roundHalfEven],
  ["Sigmoid", () => sigmoid],
  ["Sign", () => Math.sign],
  ["Sin", () => Math.sin],
  ["Sqrt", () => Math.sqrt],
  ["Tanh", () => Math.tanh],
  ["Not", () => (x) => Number(x === 0)],
  ["Add", () => (a, b) => a + b],
  ["Sub", () => (a, b) => a - b],
  ["Mul", () => (a, b) => a * b],
  ["Div", (call) => (integral(call) ? (a, b) => Math.trunc(a / b) : (a, b) => a / b)],
  ["Mod", (call) => (call.int("fmod", 0) !== 0 ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b))],
  ["Pow", () => (a, b) => a ** b],
  ["And", () => (a, b) => Number(a !== 0 && b !== 0)],
  ["Or", () => (a, b) => Number(a !== 0 || b !== 0)],
  ["Xor", () => (a, b) => Number((a !== 0) !== (b !== 0))],
  ["Equal", () => (a, b) => Number(a === b)],
  ["Greater", () => (a, b) => Number(a > b)],
  ["GreaterOrEqual", () => (a, b) => Number(a >= b)],
  ["Less", () => (a, b) => Number(a < b)],
  ["LessOrEqual", () => (a, b) => Number(a <= b)],
  ["Where", () => (condition, a, b) => (condition !== 0 ? a : b)],
  ["Max", () => Math.max],
  ["Min", () => Math.min],
  [
    "Sum",
    () =>
      (...all) =>
        all.reduce((sum, x) => sum + x, 0),
  ],
  // Casting to bool asks for zero, to an integer cuts towards zero.
  ["Cast", (call) => castTo(call.int("to", 0))],
  ["Gelu", (call) => gelu(call.text("approximate", "none"))],
  [
    "Clip",
    () =>
      (x, low = Number.NEGATIVE_INFINITY, high = Number.POSITIVE_INFINITY) =>
        Math.min(high, Math.max(low, x)),
  ],
]);

function castTo(code: number): Scalar {
  if (code === 9) return (x) => Number(x !== 0);
  return code === 1 || code === 11 ? (x) => x : Math.trunc;
}

function gelu(approximate: string): Scalar {
  return approximate === "tanh"
    ? (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
    : (x) => 0.5 * x * (1 + errorFunction(x / Math.SQRT2));
}

/** Where each element of the broadcast output reads in an operand of the given shape. */
export function broadcastIndex(shape: readonly number[], output: readonly number[]): Int32Array {
  const strides = stridesOf(shape);
  const added = output.length - shape.length;
  return sumOffsets(
    output.map((size, axis) => {
      const stride = axis < added || shape[axis - added] === 1 ? 0 : strides[axis - added];
      return Int32Array.from({ length: size }, (_, i) => i * stride);
    }),
  );
}

/** Values of an element-wise operator in row-major order; null when it is none, or its operands cannot be computed with. */
export function elementwiseNumbers(call: Call, inputs: readonly (Constant | null)[]): Float64Array | null {
  const scalar = scalars.get(call.node.op)?.(call);
  if (scalar === undefined || call.node.domain !== "") return null;
  const operands = inputs.map((input) => (input === null ? null : numbersOf(input)));
  if (operands.some((operand, i) => operand === null && inputs[i] !== null)) return null;
  const output = inputs.reduce<readonly number[] | null>((shape, input) => {
    const joined = shape === null || input === null ? shape : broadcastShapes(shape, input.dims);
    return joined !== undefined && isStatic(joined) ? joined : null;
  }, []);
  if (output === null) return null;
  const read = operands.map((operand, k) => {
    const input = inputs[k];
    // An absent operand (a bound of Clip) is undefined, not zero.
    if (operand === null || input === null) return () => undefined as unknown as number;
    if (input.dims.join() === output.join()) return (i: number) => operand[i];
    const index = broadcastIndex(input.dims, output);
    return (i: number) => operand[index[i]];
  });
  const values = new Float64Array(sizeOf(output));
  const [a, b] = read;
  // Without the spread, which makes an array per element, for the two common cases.
  if (read.length === 1) for (let i = 0; i < values.length; i++) values[i] = scalar(a(i));
  else if (read.length === 2) for (let i = 0; i < values.length; i++) values[i] = scalar(a(i), b(i));
  else for (let i = 0; i < values.length; i++) values[i] = scalar(...read.map((at) => at(i)));
  return values;
}
