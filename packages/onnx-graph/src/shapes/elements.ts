import { broadcastIndex } from "../evaluate/elementwise.js";
import { evaluateNode } from "../evaluate/evaluate-node.js";
import { movementOf } from "../evaluate/movement.js";
import { constantOfNumbers, numbersOf } from "../evaluate/numbers.js";
import type { Constant, Dim } from "../graph.js";
import type { Call, ValueType } from "../rules/call.js";
import { shapeOperator } from "../rules/creations.js";
import { isStatic, minusDim, overDim, plusDim, sizeOfShape, timesDim } from "./dims.js";

/** Larger tensors are data, not shapes. */
const largestShapeArithmetic = 1024;

type Elements = readonly Dim[] | null;
type Scalar = (...operands: readonly Dim[]) => Dim;

/** The elements of a small constant of numbers. */
export function elementsOfConstant(value: Constant): Elements {
  if (value.data.length > largestShapeArithmetic) return null;
  // Slices end at the largest int64; as a number it is not exact, and need not be.
  if (value.dtype === "int64") return Array.from(value.data, Number);
  const numbers = numbersOf(value);
  return numbers === null ? null : Array.from(numbers);
}

/** What is known of the elements of each output; null where they are too many, or unknown. */
export function inferElements(call: Call, outputs: readonly ValueType[]): readonly Elements[] {
  const none = outputs.map(() => null);
  const shapes = outputs.map(({ shape }) => shape);
  if (call.node.domain !== "" || !shapes.every(isStatic)) return none;
  if (shapes.some((shape) => (sizeOfShape(shape) as number) > largestShapeArithmetic)) return none;
  return (
    shapeElements(call) ??
    numericElements(call) ??
    movedElements(call, shapes) ??
    symbolicElements(call, shapes) ??
    none
  );
}

/** `Shape` and `Size` are known as far as the shape is, whatever the tensor holds. */
function shapeElements(call: Call): readonly Elements[] | null {
  if (call.node.op === "Shape") return [shapeOperator(call)];
  return call.node.op === "Size" ? [[sizeOfShape(call.shape(0) ?? [null])]] : null;
}

/** All inputs are numbers: compute. */
function numericElements(call: Call): readonly Elements[] | null {
  const inputs = call.node.inputs.map((name, i) => (name === "" ? null : constantInput(call, i)));
  if (inputs.some((input, i) => input === null && call.has(i))) return null;
  return evaluateNode(call.node, inputs, call.opset)?.map(elementsOfConstant) ?? null;
}

function constantInput(call: Call, input: number): Constant | null {
  const numbers = call.integers(input);
  const dtype = call.dtype(input);
  const shape = call.shape(input);
  if (numbers === null || dtype === null || !isStatic(shape)) return null;
  // Not exact beyond 2⁵³ (see above): clamp, so that "until the end" stays far beyond any dimension.
  const clamped = dtype === "int64" ? numbers.map(clampSafe) : numbers;
  return constantOfNumbers(dtype, shape, clamped);
}

function clampSafe(value: number): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** Moving elements about does not ask what they are. */
function movedElements(call: Call, shapes: readonly (readonly number[])[]): readonly Elements[] | null {
  if (call.elements(0) === null || !isStatic(call.shape(0))) return null;
  const movements = movementOf(call, shapes);
  return (
    movements?.map(({ sources, from }) => {
      const data = sources.map((source) => call.elements(source));
      if (data.some((elements) => elements === null)) return null;
      const all = data.flatMap((elements) => elements as readonly Dim[]);
      return Array.from(from, (at) => (at < 0 ? null : all[at]));
    }) ?? null
  );
}

/** Arithmetic with symbols in it, element by element. */
function symbolicElements(call: Call, [output]: readonly (readonly number[])[]): readonly Elements[] | null {
  const scalar = symbolic.get(call.node.op);
  if (scalar === undefined) return null;
  const operands = call.node.inputs.map((_, i) => {
    const elements = call.elements(i);
    const shape = call.shape(i);
    return elements === null || !isStatic(shape) ? null : { elements, from: broadcastIndex(shape, output) };
  });
  if (operands.some((operand) => operand === null)) return null;
  const read = operands as NonNullable<(typeof operands)[number]>[];
  return [Array.from(read[0].from, (_, i) => scalar(...read.map(({ elements, from }) => elements[from[i]])))];
}

/** Compares what can be compared: a symbol is not negative, so it is above every negative number. */
const compared =
  (test: (difference: number) => boolean): Scalar =>
  (a, b) => {
    if (a === null || b === null) return null;
    if (a === b) return Number(test(0));
    if (typeof a === "number" && typeof b === "number") return Number(test(a - b));
    if (typeof a === "number" && a < 0) return Number(test(-1));
    if (typeof b === "number" && b < 0) return Number(test(1));
    return null;
  };

const same: Scalar = (a) => a;

const symbolic: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ["Add", plusDim],
  ["Sub", minusDim],
  ["Mul", timesDim],
  // Numbers among symbols: a quotient that is not whole would need the type to say how it is cut.
  ["Div", overDim],
  ["Cast", same],
  ["Floor", same],
  ["Ceil", same],
  ["Equal", compared((difference) => difference === 0)],
  ["Greater", compared((difference) => difference > 0)],
  ["GreaterOrEqual", compared((difference) => difference >= 0)],
  ["Less", compared((difference) => difference < 0)],
  ["LessOrEqual", compared((difference) => difference <= 0)],
  ["Where", (condition, a, b) => (condition === null ? null : condition !== 0 ? a : b)],
]);
