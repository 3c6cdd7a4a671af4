import type { Dim, DType } from "../graph.js";
import type { Call, ShapeRule } from "./call.js";

function reducedShape(call: Call): readonly Dim[] | null {
  const shape = call.shape(0);
  if (shape === null) return null;
  const keep = call.int("keepdims", 1) !== 0;
  const given = call.axes(1);
  if (given === null) return keep ? shape.map(() => null) : null;
  if (given?.length === 0 || given === undefined) {
    if (call.int("noop_with_empty_axes", 0) !== 0) return shape;
    return keep ? shape.map(() => 1) : [];
  }
  const axes = new Set(given.map((axis) => call.axis(axis, shape.length)));
  return keep ? shape.map((dim, i) => (axes.has(i) ? 1 : dim)) : shape.filter((_, i) => !axes.has(i));
}

const reduction: ShapeRule = (call) => [{ dtype: call.dtype(0), shape: reducedShape(call) }];

const argExtreme: ShapeRule = (call) => {
  const dtype: DType = "int64";
  const shape = call.shape(0);
  if (shape === null) return [{ dtype, shape }];
  const axis = call.axis(call.int("axis", 0), shape.length);
  const keep = call.int("keepdims", 1) !== 0;
  return [{ dtype, shape: shape.flatMap((dim, i) => (i !== axis ? [dim] : keep ? [1] : [])) }];
};

const topK: ShapeRule = (call) => {
  const given = call.shape(0);
  const k = call.elements(1)?.[0] ?? null;
  const axis = given === null ? 0 : call.axis(call.int("axis", -1), given.length);
  const shape = given?.map((dim, i) => (i === axis ? k : dim)) ?? null;
  return [
    { dtype: call.dtype(0), shape },
    { dtype: "int64", shape },
  ];
};

export const reductionRules = {
  ReduceMean: reduction,
  ReduceSum: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceL1: reduction,
  ReduceL2: reduction,
  ReduceSumSquare: reduction,
  ReduceLogSumExp: reduction,
  ArgMax: argExtreme,
  ArgMin: argExtreme,
  TopK: topK,
} as const satisfies Readonly<Record<string, ShapeRule>>;
