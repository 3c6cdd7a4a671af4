import type { Quantizer, ValueRange } from "../quantizers/quantizer.js";
import type { Products, Side } from "./products.js";

/** One factor of a site: its groups are equal contiguous parts of `data`. */
export interface SearchOperand {
  readonly data: Float32Array;
  readonly quantizer: Quantizer;
  /** Over everything seen, one per group. */
  readonly ranges: readonly ValueRange[];
  /** Whether every cell uses all of it, as the q, k and v parts of a layer use one input. */
  readonly isShared: boolean;
}

/** One step of the alternation: the scales of `side` are chosen, the other side rounded at its present scales or left in float. */
export interface SearchStep {
  readonly side: Side;
  readonly given: "rounded" | "float";
}

/**
 * A site as the search sees it. Its outputs fall into cells (q, k and v; heads; channels): a factor with as many groups as cells
 * chooses each scale by the outputs of that cell, one with a single group by all of them.
 */
export interface SearchSite {
  readonly name: string;
  readonly left: SearchOperand;
  readonly right: SearchOperand;
  readonly steps: readonly SearchStep[];
  /** All outputs in one. */
  readonly whole: Products;
  readonly cells: readonly Products[];
}

/** The contiguous part that belongs to a cell or group. */
export function part(data: Float32Array, index: number, count: number): Float32Array {
  const length = data.length / count;
  return data.subarray(index * length, (index + 1) * length);
}

/** A factor rounded group by group. */
export function roundOperand(
  { data, quantizer, ranges }: SearchOperand,
  scales: ArrayLike<number>,
  bits: Parameters<Quantizer["roundInto"]>[3],
): Float32Array {
  const out = new Float32Array(data.length);
  ranges.forEach((_, g) => {
    quantizer.roundInto(part(out, g, ranges.length), part(data, g, ranges.length), scales[g], bits);
  });
  return out;
}
