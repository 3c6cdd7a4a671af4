import type { Call } from "../rules/call.js";
import { sliceArguments, splitSizes } from "../rules/movements.js";

/**
 * Operators that only move elements, as index maps: element i of an output is element `from[i]` of the operator's data inputs
 * laid end to end, −1 is the fill value. One map serves constants of every type and symbolic dimensions alike.
 */
export interface Movement {
  /** The data inputs, in order. */
  readonly sources: readonly number[];
  readonly from: Int32Array;
}

/** Index maps of each output; null when a control input is not known. Shapes of data inputs and outputs are static. */
type MovementRule = (
  call: Call,
  input: readonly number[],
  outputs: readonly (readonly number[])[],
) => readonly Movement[] | null;

export function stridesOf(shape: readonly number[]): readonly number[] {
  const strides = Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** Sums one offset per axis over all coordinates, in row-major order; an offset of −1 anywhere makes −1. */
export function sumOffsets(offsets: readonly (readonly number[] | Int32Array)[]): Int32Array {
  let sums = new Int32Array(1);
  for (const axis of offsets) {
    const next = new Int32Array(sums.length * axis.length);
    for (let i = 0; i < sums.length; i++) {
      for (let j = 0; j < axis.length; j++) {
        next[i * axis.length + j] = sums[i] < 0 || axis[j] < 0 ? -1 : sums[i] + axis[j];
      }
    }
    sums = next;
  }
  return sums;
}

const range = (count: number, step = 1, start = 0) => Int32Array.from({ length: count }, (_, i) => start + i * step);

/** Offsets of the coordinates of each axis of a tensor. */
function axisOffsets(shape: readonly number[]): Int32Array[] {
  const strides = stridesOf(shape);
  return shape.map((size, axis) => range(size, strides[axis]));
}

const first = (from: Int32Array): readonly Movement[] => [{ sources: [0], from }];

/** Same order of elements, other shape. */
const renamed: MovementRule = (_, input) => first(range(input.reduce((size, dim) => size * dim, 1)));

const transpose: MovementRule = (call, input) => {
  const perm = call.ints("perm") ?? input.map((_, i) => input.length - 1 - i);
  const offsets = axisOffsets(input);
  return first(sumOffsets(perm.map((axis) => offsets[call.axis(axis, input.length)])));
};

const concat: MovementRule = (call, input, [output]) => {
  const axis = call.axis(call.int("axis", 0), input.length);
  const offsets = axisOffsets(output);
  const sources = call.node.inputs.map((_, i) => i);
  const from = new Int32Array(output.reduce((size, dim) => size * dim, 1));
  let at = 0;
  let base = 0;
  for (const source of sources) {
    const shape = call.shape(source) as readonly number[];
    const places = sumOffsets(offsets.map((all, i) => (i === axis ? all.subarray(at, at + shape[axis]) : all)));
    for (const [i, place] of places.entries()) from[place] = base + i;
    at += shape[axis];
    base += places.length;
  }
  return [{ sources, from }];
};

const split: MovementRule = (call, input, outputs) => {
  const axis = call.axis(call.int("axis", 0), input.length);
  const sizes = splitSizes(call, input[axis]);
  const offsets = axisOffsets(input);
  let at = 0;
  return outputs.map((_, part) => {
    const size = sizes[part] as number;
    const part_ = sumOffsets(offsets.map((all, i) => (i === axis ? all.subarray(at, at + size) : all)));
    at += size;
    return { sources: [0], from: part_ };
  });
};

const slice: MovementRule = (call, input, [output]) => {
  const known = sliceArguments(call);
  if (known === null) return null;
  const offsets: Int32Array[] = axisOffsets(input);
  const strides = stridesOf(input);
  for (const [i, axis] of known.axes.entries()) {
    const step = known.steps[i] ?? 1;
    const end = known.ends[i];
    if (typeof end !== "number") return null;
    const size = input[axis];
    const counted = known.starts[i] < 0 ? known.starts[i] + size : known.starts[i];
    const start = step > 0 ? Math.min(Math.max(counted, 0), size) : Math.min(Math.max(counted, -1), size - 1);
    offsets[axis] = range(output[axis], step * strides[axis], start * strides[axis]);
  }
  return first(sumOffsets(offsets));
};

const gather: MovementRule = (call, input) => {
  const indices = call.integers(1);
  if (indices === null) return null;
  const axis = call.axis(call.int("axis", 0), input.length);
  const stride = stridesOf(input)[axis];
  const picked = indices.map((index) => call.axis(index, input[axis]) * stride);
  return first(sumOffsets(axisOffsets(input).map((all, i) => (i === axis ? picked : all))));
};

const gatherElements: MovementRule = (call, input, [output]) => {
  const indices = call.integers(1);
  if (indices === null) return null;
  const axis = call.axis(call.int("axis", 0), input.length);
  const strides = stridesOf(input);
  // Everything but the axis comes from the coordinate, the axis from the indices.
  const beside = sumOffsets(output.map((size, i) => range(size, i === axis ? 0 : strides[i])));
  return first(beside.map((offset, i) => offset + call.axis(indices[i], input[axis]) * strides[axis]));
};

const tile: MovementRule = (call, input) => {
  const repeats = call.integers(1);
  if (repeats === null) return null;
  return first(
    sumOffsets(
      axisOffsets(input).map((all, i) =>
        Int32Array.from({ length: all.length * repeats[i] }, (_, j) => all[j % all.length]),
      ),
    ),
  );
};

const expand: MovementRule = (_, input, [output]) => {
  const offsets = axisOffsets(input);
  const added = output.length - input.length;
  return first(
    sumOffsets(
      output.map((size, i) => {
        const own = i < added ? undefined : offsets[i - added];
        return own === undefined || own.length === 1 ? new Int32Array(size) : own;
      }),
    ),
  );
};

const pad: MovementRule = (call, input, [output]) => {
  const pads = call.ints("pads") ?? call.integers(1);
  if (pads === null) return null;
  const axes = call.has(3) ? call.integers(3) : input.map((_, i) => i);
  if (axes === null) return null;
  const mode = call.text("mode", "constant");
  const strides = stridesOf(input);
  const offsets: Int32Array[] = axisOffsets(input);
  for (const [i, given] of axes.entries()) {
    const axis = call.axis(given, input.length);
    const size = input[axis];
    offsets[axis] = Int32Array.from({ length: output[axis] }, (_, place) => {
      const at = padded(place - pads[i], size, mode);
      return at < 0 ? -1 : at * strides[axis];
    });
  }
  return first(sumOffsets(offsets));
};

/** Where a padded coordinate reads from; −1 for the fill value. */
function padded(at: number, size: number, mode: string): number {
  if (at >= 0 && at < size) return at;
  if (mode === "edge") return Math.min(Math.max(at, 0), size - 1);
  if (mode === "wrap") return ((at % size) + size) % size;
  if (mode !== "reflect") return -1;
  const period = Math.max(1, 2 * (size - 1));
  const folded = ((at % period) + period) % period;
  return Math.min(folded, period - folded);
}

const movements: ReadonlyMap<string, MovementRule> = new Map([
  ["Identity", renamed],
  ["Reshape", renamed],
  ["Flatten", renamed],
  ["Squeeze", renamed],
  ["Unsqueeze", renamed],
  ["Transpose", transpose],
  ["Concat", concat],
  ["Split", split],
  ["Slice", slice],
  ["Gather", gather],
  ["GatherElements", gatherElements],
  ["Tile", tile],
  ["Expand", expand],
  ["Pad", pad],
]);

/** The index maps of an operator that only moves elements; null when it is none or a control input is unknown. */
export function movementOf(call: Call, outputs: readonly (readonly number[])[]): readonly Movement[] | null {
  const rule = call.node.domain === "" ? movements.get(call.node.op) : undefined;
  const input = call.shape(0);
  return rule === undefined || input === null ? null : rule(call, input as readonly number[], outputs);
}
