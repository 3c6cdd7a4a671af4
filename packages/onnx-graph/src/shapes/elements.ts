import { movementOf, stridesOf, sumOffsets } from "../evaluate/movement.js";
import type { Constant, Dim, DType } from "../graph.js";
import type { Call, ValueType } from "../rules/call.js";
import { shapeOperator } from "../rules/creations.js";
import { isStatic, minusDim, overDim, plusDim, sizeOfShape, timesDim } from "./dims.js";

/** Larger tensors are data, not shapes. */
const largestShapeArithmetic = 1024;

type Scalar = (...operands: readonly Dim[]) => Dim;

/** Compares what can be compared: a symbol is not negative, so it is above every negative number. */
function ordered(a: Dim, b: Dim, test: (difference: number) => boolean): Dim {
  if (a === null || b === null) return null;
  if (a === b) return Number(test(0));
  if (typeof a === "number" && typeof b === "number") return Number(test(a - b));
  if (typeof a === "number" && a < 0) return Number(test(-1));
  if (typeof b === "number" && b < 0) return Number(test(1));
  return null;
}

/** f on numbers, unknown otherwise. */
const numeric =
  (f: (...values: readonly number[]) => number): Scalar =>
  (...operands) =>
    operands.every((operand) => typeof operand === "number") ? f(...(operands as readonly number[])) : null;

const isInteger = (dtype: DType | null) => dtype?.includes("int") ?? false;

/** Element-wise arithmetic that exporters do on shapes. */
const arithmetic: ReadonlyMap<string, (call: Call) => Scalar> = new Map<string, (call: Call) => Scalar>([
  ["Add", () => plusDim],
  ["Sub", () => minusDim],
  ["Mul", () => timesDim],
  [
    "Div",
    (call) => (a, b) => {
      if (typeof a !== "number" || typeof b !== "number") return overDim(a, b);
      // Integer division truncates; by zero it has no value.
      if (!isInteger(call.dtype(0))) return a / b;
      return b === 0 ? null : Math.trunc(a / b);
    },
  ],
  ["Mod", () => numeric((a, b) => a - b * Math.floor(a / b))],
  ["Pow", () => numeric((a, b) => a ** b)],
  ["Neg", () => numeric((a) => -a)],
  ["Abs", () => numeric(Math.abs)],
  ["Floor", () => (a) => (typeof a === "number" ? Math.floor(a) : a)],
  ["Ceil", () => (a) => (typeof a === "number" ? Math.ceil(a) : a)],
  ["Sqrt", () => numeric(Math.sqrt)],
  ["Max", () => numeric(Math.max)],
  ["Min", () => numeric(Math.min)],
  [
    "Cast",
    (call) => (a) => {
      const to = call.int("to", 0);
      if (typeof a !== "number") return a;
      if (to === 9) return Number(a !== 0);
      return to === 1 || to === 11 ? a : Math.trunc(a);
    },
  ],
  ["Not", () => numeric((a) => Number(a === 0))],
  ["And", () => numeric((a, b) => Number(a !== 0 && b !== 0))],
  ["Or", () => numeric((a, b) => Number(a !== 0 || b !== 0))],
  ["Equal", () => (a, b) => ordered(a, b, (d) => d === 0)],
  ["Greater", () => (a, b) => ordered(a, b, (d) => d > 0)],
  ["GreaterOrEqual", () => (a, b) => ordered(a, b, (d) => d >= 0)],
  ["Less", () => (a, b) => ordered(a, b, (d) => d < 0)],
  ["LessOrEqual", () => (a, b) => ordered(a, b, (d) => d <= 0)],
  ["Where", () => (condition, a, b) => (condition === null ? null : condition !== 0 ? a : b)],
]);

/** The elements of a small constant of numbers. */
export function elementsOfConstant({ dtype, data }: Constant): readonly Dim[] | null {
  const readable = ["float32", "float64", "int8", "uint8", "int32", "int64", "bool"].includes(dtype);
  return readable && data.length <= largestShapeArithmetic ? Array.from(data, Number) : null;
}

function products(values: readonly Dim[] | null, f: (a: Dim, b: Dim) => Dim): readonly Dim[] | null {
  return values === null ? null : [values.reduce<Dim>(f, 1)];
}

/** Elements of the first output of an operator that is neither movement nor element-wise. */
function created(call: Call, output: readonly number[]): readonly Dim[] | null {
  switch (call.node.op) {
    case "Shape":
      return shapeOperator(call);
    case "Size":
      return [sizeOfShape(call.shape(0) ?? [null])];
    case "Constant":
      return constantElements(call);
    case "ConstantOfShape": {
      const value = call.tensor("value");
      return Array<Dim>(output.reduce((size, dim) => size * dim, 1)).fill(value ? Number(value.data[0]) : 0);
    }
    case "Range": {
      const [[start], [delta]] = [call.integers(0) ?? [], call.integers(2) ?? []];
      return start === undefined || delta === undefined
        ? null
        : Array.from({ length: output[0] }, (_, i) => start + i * delta);
    }
    case "ReduceProd":
      return output.length === 0 || output[0] === 1 ? products(call.elements(0), timesDim) : null;
    default:
      return null;
  }
}

function constantElements(call: Call): readonly Dim[] | null {
  const tensor = call.tensor("value");
  if (tensor !== undefined) return elementsOfConstant(tensor);
  for (const name of ["value_int", "value_float", "value_ints", "value_floats"]) {
    const value = call.attribute(name)?.value;
    if (typeof value === "number") return [value];
    if (Array.isArray(value)) return value as readonly number[];
  }
  return null;
}

function combined(call: Call, scalar: Scalar, output: readonly number[]): readonly Dim[] | null {
  const operands = call.node.inputs.map((_, i) => {
    const elements = call.elements(i);
    const shape = call.shape(i);
    return elements === null || !isStatic(shape) ? null : { elements, shape };
  });
  if (operands.some((operand) => operand === null)) return null;
  const read = operands.map((operand) => {
    const { elements, shape } = operand as NonNullable<typeof operand>;
    const strides = stridesOf(shape);
    const added = output.length - shape.length;
    const offsets = output.map((size, i) =>
      Array.from({ length: size }, (_, c) => (i < added || shape[i - added] === 1 ? 0 : c * strides[i - added])),
    );
    return { elements, from: sumOffsets(offsets) };
  });
  return Array.from({ length: read[0]?.from.length ?? 0 }, (_, i) =>
    scalar(...read.map(({ elements, from }) => elements[from[i]] ?? null)),
  );
}

/** What is known of the elements of each output; null where they are too many, or unknown. */
export function inferElements(call: Call, outputs: readonly ValueType[]): readonly (readonly Dim[] | null)[] {
  const none = outputs.map(() => null);
  const shapes = outputs.map(({ shape }) => shape);
  if (call.node.domain !== "" || !shapes.every(isStatic)) return none;
  if (shapes.some((shape) => shape.reduce((size, dim) => size * dim, 1) > largestShapeArithmetic)) return none;
  const rule = arithmetic.get(call.node.op);
  if (rule !== undefined) return [combined(call, rule(call), shapes[0])];
  const made = created(call, shapes[0]);
  if (made !== null) return [made];
  return moved(call, shapes) ?? none;
}

function moved(call: Call, shapes: readonly (readonly number[])[]): readonly (readonly Dim[] | null)[] | null {
  if (call.elements(0) === null || !isStatic(call.shape(0))) return null;
  return (
    movementOf(call, shapes)?.map(({ sources, from }) => {
      const data = sources.map((source) => call.elements(source));
      if (data.some((elements) => elements === null)) return null;
      const all = data.flatMap((elements) => elements as readonly Dim[]);
      return Array.from(from, (at) => (at < 0 ? null : (all[at] ?? null)));
    }) ?? null
  );
}
