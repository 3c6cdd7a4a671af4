import type { Dim } from "../graph.js";
import { isStatic, plusDim, showShape, sizeOfShape, timesDim } from "../shapes/dims.js";
import type { Call, ShapeRule, ValueType } from "./call.js";
import { reshapedShape } from "./reshape.js";

const one = (call: Call, shape: readonly Dim[] | null): readonly ValueType[] => [{ dtype: call.dtype(0), shape }];

const transpose: ShapeRule = (call) => {
  const shape = call.shape(0);
  if (shape === null) return one(call, null);
  const perm = call.ints("perm") ?? shape.map((_, i) => shape.length - 1 - i);
  if (perm.length !== shape.length) throw call.mismatch(`a permutation of ${shape.length} axes`, showShape(perm));
  return one(
    call,
    perm.map((from) => shape[call.axis(from, shape.length)]),
  );
};

const flatten: ShapeRule = (call) => {
  const shape = call.shape(0);
  if (shape === null) return one(call, [null, null]);
  const axis = call.int("axis", 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return one(call, [sizeOfShape(shape.slice(0, at)), sizeOfShape(shape.slice(at))]);
};

const squeeze: ShapeRule = (call) => {
  const shape = call.shape(0);
  const given = call.axes(1);
  if (shape === null || given === null) return one(call, null);
  if (given === undefined) return one(call, isStatic(shape) ? shape.filter((dim) => dim !== 1) : null);
  const axes = new Set(given.map((axis) => call.axis(axis, shape.length)));
  for (const axis of axes) {
    if (typeof shape[axis] === "number" && shape[axis] !== 1)
      throw call.mismatch(`1 on axis ${axis}`, showShape(shape));
  }
  return one(
    call,
    shape.filter((_, i) => !axes.has(i)),
  );
};

const unsqueeze: ShapeRule = (call) => {
  const shape = call.shape(0);
  const given = call.axes(1);
  if (shape === null || given === null || given === undefined) return one(call, null);
  const rank = shape.length + given.length;
  const axes = new Set(given.map((axis) => call.axis(axis, rank)));
  const left = [...shape];
  return one(
    call,
    Array.from({ length: rank }, (_, i) => (axes.has(i) ? 1 : (left.shift() ?? null))),
  );
};

const concat: ShapeRule = (call) => {
  const shapes = call.inputs.map(({ shape }) => shape);
  const ranked = shapes.find((shape) => shape !== null);
  if (ranked === undefined || ranked === null) return one(call, null);
  const rank = ranked.length;
  const axis = call.axis(call.int("axis", 0), rank);
  const out: Dim[] = ranked.map((_, i) => {
    if (i === axis) return shapes.reduce<Dim>((sum, shape) => plusDim(sum, shape?.[i] ?? null), 0);
    const dims = shapes.map((shape) => shape?.[i] ?? null);
    const fixed = dims.filter((dim) => typeof dim === "number");
    if (fixed.some((dim) => dim !== fixed[0]) || shapes.some((shape) => shape !== null && shape.length !== rank)) {
      throw call.mismatch("equal dimensions beside the axis", shapes.map(showShape).join(", "));
    }
    return fixed[0] ?? (dims.every((dim) => dim === dims[0]) ? dims[0] : null);
  });
  return [{ dtype: call.inputs.find(({ dtype }) => dtype !== null)?.dtype ?? null, shape: out }];
};

/** Sizes of the parts: an attribute before opset 13, then an input; otherwise equal parts, the last one smaller. */
export function splitSizes(call: Call, size: Dim): readonly Dim[] {
  const count = call.node.outputs.length;
  const given = call.ints("split") ?? (call.has(1) ? call.elements(1) : undefined);
  if (given !== undefined) return given ?? Array<Dim>(count).fill(null);
  if (typeof size !== "number") return Array<Dim>(count).fill(count === 1 ? size : null);
  const part = Math.ceil(size / count);
  return Array.from({ length: count }, (_, i) => Math.min(part, size - i * part));
}

const split: ShapeRule = (call) => {
  const shape = call.shape(0);
  const dtype = call.dtype(0);
  if (shape === null) return call.node.outputs.map(() => ({ dtype, shape: null }));
  const axis = call.axis(call.int("axis", 0), shape.length);
  const sizes = splitSizes(call, shape[axis]);
  const whole = sizes.reduce(plusDim, 0);
  if (sizes.length !== call.node.outputs.length || (isStatic([whole, shape[axis]]) && whole !== shape[axis])) {
    throw call.mismatch(`${call.node.outputs.length} parts of ${shape[axis]}`, showShape(sizes));
  }
  return call.node.outputs.map((_, part) => ({
    dtype,
    shape: shape.map((dim, i) => (i === axis ? (sizes[part] ?? null) : dim)),
  }));
};

/** Start, step and number of elements of one sliced axis, with ONNX's clamping. */
export interface SlicedAxis {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

export function slicedAxis(start: number, end: number, step: number, size: number): SlicedAxis {
  const clamp = (at: number) => {
    const counted = at < 0 ? at + size : at;
    return step > 0 ? Math.min(Math.max(counted, 0), size) : Math.min(Math.max(counted, -1), size - 1);
  };
  const from = clamp(start);
  return { start: from, step, count: Math.max(0, Math.ceil((clamp(end) - from) / step)) };
}

/** What a Slice says: attributes before opset 10, then inputs. null: not known. */
export function sliceArguments(call: Call): {
  readonly starts: readonly number[];
  readonly ends: readonly Dim[];
  readonly axes: readonly number[];
  readonly steps: readonly number[];
} | null {
  const starts = call.ints("starts") ?? call.integers(1);
  const ends = call.ints("ends") ?? call.elements(2);
  const rank = call.shape(0)?.length;
  if (starts === null || ends === null || rank === undefined) return null;
  const axes = call.ints("axes") ?? (call.has(3) ? call.integers(3) : starts.map((_, i) => i));
  const steps = call.has(4) ? call.integers(4) : starts.map(() => 1);
  if (axes === null || steps === null) return null;
  if ([starts, ends, steps].some(({ length }) => length !== axes.length)) {
    throw call.mismatch(
      `starts, ends and steps of ${axes.length} axes`,
      `${starts.length}, ${ends.length} and ${steps.length}`,
    );
  }
  return { starts, ends, axes: axes.map((axis) => call.axis(axis, rank)), steps };
}

const slice: ShapeRule = (call) => {
  const shape = call.shape(0);
  if (shape === null) return one(call, null);
  const known = sliceArguments(call);
  if (known === null) return one(call, [...shape].fill(null));
  const out: Dim[] = [...shape];
  for (const [i, axis] of known.axes.entries()) {
    const size = shape[axis];
    const end = known.ends[i];
    const start = known.starts[i];
    const step = known.steps[i] ?? 1;
    if (typeof size === "number" && typeof end === "number") out[axis] = slicedAxis(start, end, step, size).count;
    else if (start === 0 && step === 1 && (end === size || (typeof end === "number" && end >= 2 ** 31 - 1))) {
      out[axis] = size;
    } else out[axis] = null;
  }
  return one(call, out);
};

const gather: ShapeRule = (call) => {
  const shape = call.shape(0);
  const indices = call.shape(1);
  if (shape === null || indices === null) return one(call, null);
  const axis = call.axis(call.int("axis", 0), shape.length);
  return one(call, [...shape.slice(0, axis), ...indices, ...shape.slice(axis + 1)]);
};

const gatherND: ShapeRule = (call) => {
  const shape = call.shape(0);
  const indices = call.shape(1);
  const depth = indices?.at(-1);
  if (shape === null || indices === null || typeof depth !== "number") return one(call, null);
  return one(call, [...indices.slice(0, -1), ...shape.slice(call.int("batch_dims", 0) + depth)]);
};

const pad: ShapeRule = (call) => {
  const shape = call.shape(0);
  const pads = call.ints("pads") ?? call.integers(1);
  if (shape === null) return one(call, null);
  if (pads === null) return one(call, [...shape].fill(null));
  const axes = (call.has(3) ? call.integers(3) : shape.map((_, i) => i))?.map((axis) => call.axis(axis, shape.length));
  if (axes === undefined) return one(call, [...shape].fill(null));
  if (pads.length !== 2 * axes.length) throw call.mismatch(`${2 * axes.length} pads`, showShape(pads));
  const out: Dim[] = [...shape];
  for (const [i, axis] of axes.entries()) out[axis] = plusDim(shape[axis], pads[i] + pads[i + axes.length]);
  return one(call, out);
};

const tile: ShapeRule = (call) => {
  const shape = call.shape(0);
  const repeats = call.elements(1);
  if (shape !== null && repeats !== null && repeats.length !== shape.length) {
    throw call.mismatch(`${shape.length} repeats`, showShape(repeats));
  }
  return one(call, shape?.map((dim, i) => timesDim(dim, repeats?.[i] ?? null)) ?? null);
};

const expand: ShapeRule = (call) => {
  const target = call.elements(1);
  if (target === null) return one(call, null);
  return one(call, call.broadcastOf([call.shape(0), target]));
};

const scatter: ShapeRule = (call) => one(call, call.shape(0));

export const movementRules = {
  Transpose: transpose,
  Reshape: (call) => one(call, reshapedShape(call)),
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  GatherElements: (call) => one(call, call.shape(1)),
  GatherND: gatherND,
  ScatterElements: scatter,
  ScatterND: scatter,
  Pad: pad,
  Tile: tile,
  Expand: expand,
} as const satisfies Readonly<Record<string, ShapeRule>>;
