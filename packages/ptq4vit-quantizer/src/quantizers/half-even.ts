/** 1.5·2⁵²: adding it leaves no bits for a fraction, and the processor rounds halves to even; taking it away again gives +0 for −0. */
export const SHIFT = 6755399441055744;

/**
 * Nearest integer of |x| < 2⁵¹, halves to even, −0 kept as ONNX `Round` keeps it. Several times as fast as asking for floor and
 * fraction, which matters where every weight is rounded at a hundred steps.
 */
export function nearestEven(x: number): number {
  return x < 0 ? -(-x + SHIFT - SHIFT) : x > 0 ? x + SHIFT - SHIFT : x;
}

/**
 * Gives zeros the signs of what they were rounded from, as ONNX does. For loops that add and take away SHIFT themselves: to ask each
 * value for its sign would cost more than the rounding.
 */
export function keepSigns(rounded: Float32Array, values: Float32Array): void {
  const to = new Int32Array(rounded.buffer, rounded.byteOffset, rounded.length);
  const from = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < to.length; i++) to[i] |= from[i] & SIGN;
}

const SIGN = 1 << 31;
