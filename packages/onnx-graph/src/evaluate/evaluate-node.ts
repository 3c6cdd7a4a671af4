import { sizeOf } from "@quee/tensor";
import type { Constant, Node } from "../graph.js";
import { Call, type Known, unknown, type ValueType } from "../rules/call.js";
import { shapeRuleOf } from "../rules/table.js";
import { isStatic } from "../shapes/dims.js";
import { elementwiseNumbers } from "./elementwise.js";
import { matMulNumbers } from "./mat-mul.js";
import { movementOf } from "./movement.js";
import { arrayOf, constantOfNumbers, numbersOf } from "./numbers.js";
import { reducedNumbers, softmaxNumbers } from "./reductions.js";

interface StaticType extends ValueType {
  readonly dtype: NonNullable<ValueType["dtype"]>;
  readonly shape: readonly number[];
}

/**
 * Computes one operator on constants: the small operators that exporters emit around shapes, masks and embeddings. null where
 * an input is missing or the operator, its element type or its mode is not computed here.
 * @param inputs one per input of the node; null for an absent optional one
 * @param opset version of the node's operator set
 */
export function evaluateNode(node: Node, inputs: readonly (Constant | null)[], opset = 17): readonly Constant[] | null {
  if (inputs.some((input, i) => input === null && (node.inputs[i] ?? "") !== "")) return null;
  const call = new Call(node, opset, inputs.map(knownOf));
  const types = shapeRuleOf(node)?.(call).slice(0, node.outputs.length);
  if (types === undefined || !types.every(isKnown)) return null;
  const first = types[0];
  if (first === undefined || node.domain !== "") return null;
  const single = created(call, first) ?? computed(call, inputs, first);
  return single === null ? moved(call, inputs, types) : [single];
}

/** Constants know their elements; they are read only when an operator asks. */
function knownOf(value: Constant | null): Known {
  if (value === null) return unknown;
  let elements: readonly number[] | null | undefined;
  return {
    dtype: value.dtype,
    shape: value.dims,
    get elements() {
      if (elements === undefined) {
        // Beyond 2⁵³ only "until the end" of a Slice occurs, which needs no exact number.
        elements = value.data instanceof BigInt64Array ? Array.from(value.data, Number) : plainNumbers(value);
      }
      return elements;
    },
  };
}

function plainNumbers(value: Constant): readonly number[] | null {
  const numbers = numbersOf(value);
  return numbers === null ? null : Array.from(numbers);
}

function isKnown(type: ValueType): type is StaticType {
  return type.dtype !== null && isStatic(type.shape);
}

function created(call: Call, type: StaticType): Constant | null {
  const size = sizeOf(type.shape);
  switch (call.node.op) {
    case "Constant":
      return constantOf(call, type);
    case "ConstantOfShape": {
      const value = call.tensor("value");
      const data = arrayOf(type.dtype, size);
      if (data === null) return null;
      if (value !== undefined) (data as { fill(x: unknown): unknown }).fill(value.data[0]);
      return { dtype: type.dtype, dims: type.shape, data };
    }
    case "Range": {
      const [start] = call.integers(0) ?? [];
      const [delta] = call.integers(2) ?? [];
      if (start === undefined || delta === undefined) return null;
      const values = Float64Array.from({ length: size }, (_, i) => start + i * delta);
      return constantOfNumbers(type.dtype, type.shape, values);
    }
    case "Shape": {
      const shape = call.shape(0) as readonly number[];
      return constantOfNumbers("int64", type.shape, shape.slice(call.int("start", 0), call.int("end", shape.length)));
    }
    case "Size":
      return constantOfNumbers("int64", [], [sizeOf(call.shape(0) as readonly number[])]);
    default:
      return null;
  }
}

function constantOf(call: Call, type: StaticType): Constant | null {
  const tensor = call.tensor("value");
  if (tensor !== undefined) return tensor;
  for (const name of ["value_int", "value_float", "value_ints", "value_floats"]) {
    const value = call.attribute(name)?.value;
    if (typeof value === "number") return constantOfNumbers(type.dtype, [], [value]);
    if (Array.isArray(value)) return constantOfNumbers(type.dtype, type.shape, value as readonly number[]);
  }
  return null;
}

function computed(call: Call, inputs: readonly (Constant | null)[], type: StaticType): Constant | null {
  const values = elementwiseNumbers(call, inputs) ?? accumulated(call, inputs);
  return values === null ? null : constantOfNumbers(type.dtype, type.shape, values);
}

function accumulated(call: Call, inputs: readonly (Constant | null)[]): Float64Array | null {
  const operands = inputs.map((input) => (input === null ? null : numbersOf(input)));
  const data = operands[0] ?? null;
  if (data === null) return null;
  switch (call.node.op) {
    case "MatMul":
      return operands[1] ? matMulNumbers(call, data, operands[1]) : null;
    case "Softmax":
    case "LogSoftmax":
      return softmaxNumbers(call, data);
    default:
      return reducedNumbers(call, data);
  }
}

function moved(
  call: Call,
  inputs: readonly (Constant | null)[],
  types: readonly StaticType[],
): readonly Constant[] | null {
  const movements = movementOf(
    call,
    types.map(({ shape }) => shape),
  );
  const outputs = movements?.map(({ sources, from }, i) => {
    const parts = sources.map((source) => inputs[source]?.data);
    const { dtype, shape } = types[i];
    const out = arrayOf(dtype, from.length);
    if (out === null || parts.some((part) => part === undefined)) return null;
    const all = parts.length === 1 ? parts[0] : concatenated(parts as readonly ArrayLike<number | bigint>[]);
    const fill = inputs[2]?.data[0] ?? (out instanceof BigInt64Array ? 0n : 0);
    const data = all as ArrayLike<number>;
    for (let k = 0; k < from.length; k++) out[k] = from[k] < 0 ? (fill as number) : data[from[k]];
    return { dtype, dims: shape, data: out };
  });
  return outputs?.every((output) => output !== null) ? (outputs as readonly Constant[]) : null;
}

function concatenated(parts: readonly ArrayLike<number | bigint>[]): ArrayLike<number | bigint> {
  return parts.flatMap((part) => Array.from(part));
}
