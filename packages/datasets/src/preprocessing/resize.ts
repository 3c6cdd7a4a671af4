import type { Geometry } from "./geometry.js";
import type { Taps } from "./taps.js";

/** Resizes planes into `out`, first along rows, then along columns. */
export type Resize<Pixels> = (planes: Pixels, height: number, out: Pixels, outAt: number) => void;

/** Sums in double, results in single precision. @param planes [C, H, W] */
export function floatResize({ rows, columns }: Geometry): Resize<Float32Array> {
  let between = new Float32Array(0);
  return (planes, height, out, outAt) => {
    const width = planes.length / (3 * height);
    if (between.length !== height * columns.outputs) between = new Float32Array(height * columns.outputs);
    for (let plane = 0; plane < 3; plane++) {
      alongRows(planes, plane * height * width, width, height, columns, between);
      alongColumns(between, columns.outputs, rows, out, outAt + plane * rows.outputs * columns.outputs);
    }
  };
}

function alongRows(from: Float32Array, at: number, width: number, height: number, taps: Taps, to: Float32Array): void {
  const { outputs, width: count, indices, weights } = taps;
  for (let y = 0; y < height; y++) {
    const row = at + y * width;
    for (let o = 0; o < outputs; o++) {
      let sum = 0;
      for (let t = o * count; t < (o + 1) * count; t++) sum += weights[t] * from[row + indices[t]];
      to[y * outputs + o] = sum;
    }
  }
}

function alongColumns(from: Float32Array, width: number, taps: Taps, to: Float32Array, at: number): void {
  const { outputs, width: count, indices, weights } = taps;
  for (let o = 0; o < outputs; o++) {
    const row = at + o * width;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let t = o * count; t < (o + 1) * count; t++) sum += weights[t] * from[indices[t] * width + x];
      to[row + x] = sum;
    }
  }
}

/** Bits behind the point of Pillow's weights: 32 less 8 of a pixel and 2 to spare for sums outside 0 … 255. */
const fractionBits = 22;

/** Pillow's resampling: weights in fixed point, bytes between the two directions. @param planes [C, H, W] */
export function pillowResize({ rows, columns }: Geometry): Resize<Uint8Array> {
  const byColumn = fixedPoint(columns);
  const byRow = fixedPoint(rows);
  // Of a crop, only the rows that it needs are resampled.
  const firstRow = rows.indices.reduce((least, row) => Math.min(least, row), Number.POSITIVE_INFINITY);
  const usedRows = rows.indices.reduce((most, row) => Math.max(most, row), 0) + 1 - firstRow;
  const shifted = { ...rows, indices: rows.indices.map((row) => row - firstRow) };
  return (planes, height, out, outAt) => {
    const width = planes.length / (3 * height);
    const between = new Uint8Array(usedRows * columns.outputs);
    for (let plane = 0; plane < 3; plane++) {
      const at = (plane * height + firstRow) * width;
      resampleBytes(planes, at, usedRows, width, 1, columns, byColumn, between, 0, columns.outputs, 1);
      const outPlane = outAt + plane * rows.outputs * columns.outputs;
      resampleBytes(between, 0, columns.outputs, 1, columns.outputs, shifted, byRow, out, outPlane, 1, columns.outputs);
    }
  };
}

/** Halves away from zero, as Pillow rounds its weights. */
function fixedPoint({ weights }: Taps): Int32Array {
  return Int32Array.from(weights, (weight) => Math.trunc(weight * 2 ** fractionBits + (weight < 0 ? -0.5 : 0.5)));
}

/** `lines` lines that are `lineStep` apart, with pixels `step` apart. */
function resampleBytes(
  from: Uint8Array,
  at: number,
  lines: number,
  lineStep: number,
  step: number,
  { outputs, width: count, indices }: Taps,
  weights: Int32Array,
  to: Uint8Array,
  toAt: number,
  toLineStep: number,
  toStep: number,
): void {
  // Places of the taps within a line, so that the innermost loop only adds them.
  const places = step === 1 ? indices : indices.map((index) => index * step);
  for (let line = 0; line < lines; line++) {
    const lineAt = at + line * lineStep;
    for (let o = 0; o < outputs; o++) {
      let sum = 1 << (fractionBits - 1);
      const end = (o + 1) * count;
      for (let t = o * count; t < end; t++) sum = (sum + Math.imul(weights[t], from[lineAt + places[t]])) | 0;
      const value = sum >> fractionBits;
      to[toAt + line * toLineStep + o * toStep] = value < 0 ? 0 : Math.min(value, 255);
    }
  }
}
