import type { Dim, DType } from "../graph.js";
import type { Call, ShapeRule, ValueType } from "./call.js";

/** `Constant` has its value in one of several attributes. */
function constantType(call: Call): ValueType {
  const tensor = call.tensor("value");
  if (tensor !== undefined) return { dtype: tensor.dtype, shape: tensor.dims };
  for (const [name, dtype] of [
    ["value_int", "int64"],
    ["value_float", "float32"],
    ["value_string", "string"],
  ] as const) {
    if (call.attribute(name) !== undefined) return { dtype, shape: [] };
  }
  for (const [name, dtype] of [
    ["value_ints", "int64"],
    ["value_floats", "float32"],
    ["value_strings", "string"],
  ] as const) {
    const list = call.attribute(name);
    if (list !== undefined && "length" in Object(list.value)) {
      return { dtype, shape: [(list.value as readonly unknown[]).length] };
    }
  }
  return { dtype: null, shape: null };
}

/** The part of the shape that `Shape` gives: all of it, or from `start` until `end` (opset 15). */
export function shapeOperator(call: Call): readonly Dim[] | null {
  const shape = call.shape(0);
  return shape?.slice(call.int("start", 0), call.int("end", shape.length)) ?? null;
}

const range: ShapeRule = (call) => {
  const [start] = call.integers(0) ?? [];
  const [limit] = call.elements(1) ?? [];
  const [delta] = call.integers(2) ?? [];
  const dtype = call.dtype(0) ?? call.dtype(1);
  // Range(0, batch, 1) has "batch" elements.
  if (start === 0 && delta === 1 && typeof limit === "string") return [{ dtype, shape: [limit] }];
  if (start === undefined || delta === undefined || typeof limit !== "number") return [{ dtype, shape: [null] }];
  return [{ dtype, shape: [Math.max(0, Math.ceil((limit - start) / delta))] }];
};

const oneHot: ShapeRule = (call) => {
  const indices = call.shape(0);
  const dtype = call.dtype(2);
  if (indices === null) return [{ dtype, shape: null }];
  const axis = call.axis(call.int("axis", -1), indices.length + 1);
  const depth = call.elements(1)?.[0] ?? null;
  return [{ dtype, shape: [...indices.slice(0, axis), depth, ...indices.slice(axis)] }];
};

const int64: DType = "int64";

export const creationRules = {
  Constant: (call) => [constantType(call)],
  ConstantOfShape: (call) => {
    const dtype = call.tensor("value")?.dtype ?? "float32";
    const rank = call.shape(0)?.[0];
    return [{ dtype, shape: call.elements(0) ?? (typeof rank === "number" ? Array<Dim>(rank).fill(null) : null) }];
  },
  Shape: (call) => [{ dtype: int64, shape: [shapeOperator(call)?.length ?? null] }],
  Size: () => [{ dtype: int64, shape: [] }],
  Range: range,
  OneHot: oneHot,
  NonZero: (call) => [{ dtype: int64, shape: [call.shape(0)?.length ?? null, null] }],
} as const satisfies Readonly<Record<string, ShapeRule>>;
