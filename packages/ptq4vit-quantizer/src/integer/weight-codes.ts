import type { Bits } from "@quee/core";
import type { Constant, Graph } from "@quee/onnx-graph";
import { groupRuns } from "../group-runs.js";
import { uniform } from "../quantizers/uniform-quantizer.js";
import type { LinearReading } from "./site-readings.js";

/** A weight as codes −2^(b−1) … 2^(b−1) − 1. */
export interface WeightCodes {
  readonly bits: Bits;
  /** [from, to] */
  readonly dims: readonly number[];
  readonly codes: Int8Array;
  /** Δ of every column. */
  readonly steps: Float32Array;
}

/** The codes of a linear layer's weight, each column with the step of its group. */
export function weightCodes(graph: Graph, { weight, isTransposed, bits }: LinearReading): WeightCodes {
  const { dims, data } = graph.initializers.get(weight.value) as Constant;
  const rounded = codesOf(dims, data as Float32Array, weight, bits);
  const [from, to] = isTransposed ? [dims[1], dims[0]] : dims;
  const perGroup = to / weight.scales.length;
  const steps = Float32Array.from({ length: to }, (_, column) => weight.scales[Math.floor(column / perGroup)]);
  return { bits, dims: [from, to], codes: isTransposed ? transposed(rounded, dims) : rounded, steps };
}

function codesOf(
  dims: readonly number[],
  data: Float32Array,
  { scales, axis }: LinearReading["weight"],
  bits: Bits,
): Int8Array {
  const codes = new Int8Array(data.length);
  const round = (from: number, until: number, scale: number) => {
    const step = Math.fround(scale);
    const values = new Float32Array(until - from);
    uniform.roundInto(values, data.subarray(from, until), scale, bits);
    for (let i = from; i < until; i++) codes[i] = Math.round(values[i - from] / step);
  };
  if (axis === null) round(0, data.length, scales[0]);
  else
    for (const { group, from, until } of groupRuns(dims, (axis + 2) % 2, scales.length))
      round(from, until, scales[group]);
  return codes;
}

/** @param codes [rows, columns] @returns [columns, rows] */
function transposed(codes: Int8Array, [rows, columns]: readonly number[]): Int8Array {
  const out = new Int8Array(codes.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = codes[r * columns + c];
  return out;
}
