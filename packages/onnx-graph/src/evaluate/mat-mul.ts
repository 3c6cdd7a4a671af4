import { sizeOf } from "@quee/tensor";
import type { Call } from "../rules/call.js";
import { broadcastShapes } from "../shapes/dims.js";
import { broadcastIndex } from "./elementwise.js";

/** NumPy matmul in row-major order. @returns [..., M, N] without the axes that one-dimensional operands lack */
export function matMulNumbers(call: Call, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array | null {
  const left = call.shape(0) as readonly number[];
  const right = call.shape(1) as readonly number[];
  const [rows, inner] = left.length === 1 ? [1, left[0]] : left.slice(-2);
  const columns = right.length === 1 ? 1 : (right.at(-1) as number);
  const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2)) as readonly number[] | undefined;
  if (batch === undefined) return null;
  const fromLeft = broadcastIndex(left.slice(0, -2), batch);
  const fromRight = broadcastIndex(right.slice(0, -2), batch);
  const out = new Float64Array(sizeOf(batch) * rows * columns);
  for (let n = 0; n < fromLeft.length; n++) {
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < inner; k++) {
        const factor = a[(fromLeft[n] * rows + i) * inner + k];
        const row = (fromRight[n] * inner + k) * columns;
        const at = (n * rows + i) * columns;
        for (let j = 0; j < columns; j++) out[at + j] += factor * b[row + j];
      }
    }
  }
  return out;
}
