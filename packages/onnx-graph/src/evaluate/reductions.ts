import { sizeOf } from "@quee/tensor";
import type { Call } from "../rules/call.js";
import { stridesOf, sumOffsets } from "./movement.js";

type Fold = (values: Float64Array) => number;

const sum: Fold = (values) => values.reduce((total, x) => total + x, 0);

const folds: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ["ReduceSum", sum],
  ["ReduceMean", (values) => sum(values) / values.length],
  ["ReduceMax", (values) => values.reduce((best, x) => Math.max(best, x), Number.NEGATIVE_INFINITY)],
  ["ReduceMin", (values) => values.reduce((best, x) => Math.min(best, x), Number.POSITIVE_INFINITY)],
  ["ReduceProd", (values) => values.reduce((product, x) => product * x, 1)],
  ["ReduceL2", (values) => Math.sqrt(values.reduce((total, x) => total + x * x, 0))],
]);

/** Offsets of the places that the given axes span, the other axes standing still. */
function offsetsOf(shape: readonly number[], axes: ReadonlySet<number>): Int32Array {
  const strides = stridesOf(shape);
  const spanned = shape.flatMap((size, axis) => (axes.has(axis) ? [{ size, stride: strides[axis] }] : []));
  return sumOffsets(spanned.map(({ size, stride }) => Int32Array.from({ length: size }, (_, i) => i * stride)));
}

/** Values of a reduction in row-major order; null when the operator is none. */
export function reducedNumbers(call: Call, data: ArrayLike<number>): Float64Array | null {
  const fold = folds.get(call.node.op);
  const shape = call.shape(0) as readonly number[];
  const given = call.axes(1);
  if (fold === undefined || given === null) return null;
  const none = given === undefined || given.length === 0;
  if (none && call.int("noop_with_empty_axes", 0) !== 0) return Float64Array.from(data);
  const axes = new Set(none ? shape.map((_, i) => i) : given.map((axis) => call.axis(axis, shape.length)));
  const kept = offsetsOf(shape, new Set(shape.map((_, i) => i).filter((axis) => !axes.has(axis))));
  const folded = offsetsOf(shape, axes);
  return Float64Array.from(kept, (base) => fold(Float64Array.from(folded, (offset) => data[base + offset])));
}

/** Softmax or LogSoftmax along `axis` (opset 13); null before, where it meant a flattened matrix. */
export function softmaxNumbers(call: Call, data: ArrayLike<number>): Float64Array | null {
  if (call.opset < 13) return null;
  const shape = call.shape(0) as readonly number[];
  const axis = call.axis(call.int("axis", -1), shape.length);
  const out = new Float64Array(sizeOf(shape));
  const along = offsetsOf(shape, new Set([axis]));
  for (const base of offsetsOf(shape, new Set(shape.map((_, i) => i).filter((i) => i !== axis)))) {
    let largest = Number.NEGATIVE_INFINITY;
    for (const offset of along) largest = Math.max(largest, data[base + offset]);
    let total = 0;
    for (const offset of along) total += Math.exp(data[base + offset] - largest);
    for (const offset of along) {
      const shifted = data[base + offset] - largest;
      out[base + offset] = call.node.op === "Softmax" ? Math.exp(shifted) / total : shifted - Math.log(total);
    }
  }
  return out;
}
