import { expect, test } from "vitest";
import type { Attribute, Constant, Node } from "../graph.js";
import { int64Constant, scalar } from "../graph.js";
import { ramp } from "../interpret.test.support.js";
import { evaluateNode } from "./evaluate-node.js";

function node(op: string, inputCount: number, attributes: Record<string, Attribute> = {}, outputCount = 1): Node {
  return {
    name: op,
    op,
    domain: "",
    inputs: Array.from({ length: inputCount }, (_, i) => `in${i}`),
    outputs: Array.from({ length: outputCount }, (_, i) => `out${i}`),
    attributes: new Map(Object.entries(attributes)),
  };
}

const ints = (...values: number[]): Constant => ({
  dtype: "int32",
  dims: [values.length],
  data: Int32Array.from(values),
});
const floats = (...values: number[]): Constant => ({
  dtype: "float32",
  dims: [values.length],
  data: Float32Array.from(values),
});
const value = (op: string, ...inputs: Constant[]) => evaluateNode(node(op, inputs.length), inputs)?.[0];

test("integers divide towards zero, wrap, and stay integers", () => {
  expect(value("Div", ints(7, -7), ints(2, 2))?.data).toEqual(Int32Array.of(3, -3));
  expect(value("Add", ints(2 ** 31 - 1), ints(1))?.data).toEqual(Int32Array.of(-(2 ** 31)));
  expect(value("Mul", int64Constant([2 ** 40]), int64Constant([-3]))?.data).toEqual(BigInt64Array.of(-3298534883328n));
});

test("an int64 that a number does not hold exactly is moved but not computed with", () => {
  const largest: Constant = { dtype: "int64", dims: [1], data: BigInt64Array.of(2n ** 63n - 1n) };
  expect(value("Neg", largest)).toBeUndefined();
  expect(value("Add", int64Constant([Number.MAX_SAFE_INTEGER]), int64Constant([1]))).toBeUndefined();
  expect(value("Identity", largest)?.data).toEqual(largest.data);
});

test("float operators round once, to float32", () => {
  expect(value("Add", floats(0.1), floats(0.2))?.data[0]).toBe(Math.fround(Math.fround(0.1) + Math.fround(0.2)));
  expect(value("Round", floats(0.5, 1.5, 2.5, -2.5))?.data).toEqual(Float32Array.of(0, 2, 2, -2));
  expect(value("Erf", floats(0.5, -3, 10))?.data).toEqual(Float32Array.of(0.5204998778130465, -0.9999779095030014, 1));
});

test("NaN passes through Max, Relu and Clip", () => {
  for (const op of ["Relu", "Clip"]) expect(value(op, floats(Number.NaN))?.data[0]).toBeNaN();
  expect(value("Max", floats(Number.NaN), floats(1))?.data[0]).toBeNaN();
});

test("absent inputs are null; a missing one means that nothing is computed", () => {
  const clip: Node = { ...node("Clip", 3), inputs: ["x", "", "high"] };
  expect(evaluateNode(clip, [floats(-5, 5), null, scalar(1)])?.[0]?.data).toEqual(Float32Array.of(-5, 1));
  expect(evaluateNode(node("Add", 2), [floats(1), null])).toBeNull();
});

test("operators and types that are not computed give null", () => {
  expect(value("Conv", ramp(1, 1, 3, 3), ramp(1, 1, 2, 2))).toBeUndefined();
  expect(evaluateNode({ ...node("Add", 2), domain: "acme" }, [floats(1), floats(1)])).toBeNull();
  const half: Constant = { dtype: "float16", dims: [1], data: Uint8Array.of(0, 60) };
  expect(value("Add", half, half)).toBeUndefined();
});

test("several outputs, each of its own size", () => {
  const split = evaluateNode(node("Split", 2, { axis: { kind: "int", value: 0 } }, 2), [
    ramp(3),
    int64Constant([1, 2]),
  ]);
  expect(split?.map(({ dims }) => dims)).toEqual([[1], [2]]);
});

test("empty tensors reduce to the neutral element", () => {
  const empty: Constant = { dtype: "float32", dims: [2, 0], data: new Float32Array() };
  const attributes = { keepdims: { kind: "int", value: 0 } } as const;
  expect(evaluateNode(node("ReduceSum", 2, attributes), [empty, int64Constant([1])])?.[0]).toEqual({
    dtype: "float32",
    dims: [2],
    data: Float32Array.of(0, 0),
  });
});
