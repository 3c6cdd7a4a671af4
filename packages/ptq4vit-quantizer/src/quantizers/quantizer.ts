import type { Bits } from "@quee/core";
import type { GraphBuilder } from "@quee/onnx-graph";

/** What a group of values reaches over the calibration images. */
export interface ValueRange {
  /** max|x| */
  readonly magnitude: number;
  /** max x */
  readonly most: number;
}

/** Where a quantizer writes its operators. */
export interface QuantizerWriter {
  readonly builder: GraphBuilder;
  /** A free name that tells the operand, and ends so; "" names the rounded value. */
  readonly name: (suffix: string) => string;
  /** A constant of one number per group, in the shape that meets the value: scalar, or [G, 1, …]. */
  readonly perGroup: (suffix: string, numbers: readonly number[]) => string;
}

/** Δ·clip(round(x/Δ), least, most) */
export interface UniformPart {
  readonly scale: number;
  readonly least: number;
  readonly most: number;
}

/**
 * One way to round values to b-bit codes and back. It has one searched step Δ per group; whatever else it needs follows from Δ and
 * b. All arithmetic is that of float32, as in the graphs that it writes.
 */
export interface Quantizer {
  /** How encodings call it. */
  readonly kind: string;
  /** Δ where nothing is searched: all of the range is covered. @throws QueeError (numeric) where the range is not finite */
  initialScale(range: ValueRange, bits: Bits, where: string): number;
  /** Δ that a search tries, in its order; the first of equally good ones wins. */
  candidates(range: ValueRange, bits: Bits, where: string): Float32Array;
  /** Rounds values to codes and back. @param out as long as values */
  roundInto(out: Float32Array, values: Float32Array, scale: number, bits: Bits): void;
  /**
   * The same rounding as a sum of clipped uniform ones, Σ Δₚ·clip(round(x/Δₚ), leastₚ, mostₚ), each within −128 … 127; null where it is
   * none. Native kernels round those.
   */
  parts(scale: number, bits: Bits): readonly UniformPart[] | null;
  /** The step that b alone fixes, of quantizers with two ranges. */
  fixedScale(bits: Bits): number | null;
  /** Writes the same rounding as operators. @returns the name of the rounded value */
  write(writer: QuantizerWriter, value: string, scales: readonly number[], bits: Bits): string;
}

/** Q = 2^(k−1): codes go from −Q to Q − 1. */
export function codeBound(bits: Bits): number {
  return 2 ** (bits - 1);
}

/** Rounds a copy. @param values any shape @returns the same shape */
export function fakeQuantize(quantizer: Quantizer, values: Float32Array, scale: number, bits: Bits): Float32Array {
  const out = new Float32Array(values.length);
  quantizer.roundInto(out, values, scale, bits);
  return out;
}

/** The range of values; NaN where a value is NaN. */
export function rangeOf(values: Float32Array): ValueRange {
  let magnitude = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const x = values[i];
    if (Number.isNaN(x)) return { magnitude: x, most: x };
    if (x > most) most = x;
    if (x > magnitude) magnitude = x;
    else if (-x > magnitude) magnitude = -x;
  }
  return { magnitude, most };
}

/** The range of two sets of values together. */
export function joinRanges(a: ValueRange, b: ValueRange): ValueRange {
  return { magnitude: Math.max(a.magnitude, b.magnitude), most: Math.max(a.most, b.most) };
}
