import type { Minimization } from "./alternate.js";

/** Values in the rounded copies of one weight that are held at a time, at most: 256 MB. */
export const LARGEST_STACK = 2 ** 26;

interface Copies {
  /** [C, P, K] */
  readonly data: Float32Array;
  readonly isRounded: Uint8Array;
}

/**
 * Weights rounded at each candidate, kept as long as the candidates are: all rounds of a search try the same ones, and rounding a
 * weight a hundred times costs about as much as the products that are left after early abandoning.
 */
export class RoundedWeights {
  readonly #kept = new WeakMap<Float32Array, Copies>();

  /** The copies for some candidates, one after the other; null where all together would be too large to keep. */
  stack({ products, operand, candidates: scales, bits }: Minimization, candidates: Int32Array): Float32Array | null {
    const weight = products.right;
    const size = weight.length;
    if (size * scales.length > LARGEST_STACK) return null;
    let copies = this.#kept.get(scales);
    if (copies === undefined) {
      copies = { data: new Float32Array(size * scales.length), isRounded: new Uint8Array(scales.length) };
      this.#kept.set(scales, copies);
    }
    const { data, isRounded } = copies;
    const copyOf = (c: number) => data.subarray(c * size, (c + 1) * size);
    for (const c of candidates) {
      if (isRounded[c] === 0) operand.quantizer.roundInto(copyOf(c), weight, scales[c], bits);
      isRounded[c] = 1;
    }
    const [first, last] = [candidates[0], candidates[candidates.length - 1]];
    if (last - first === candidates.length - 1) return data.subarray(first * size, (last + 1) * size);
    const stack = new Float32Array(candidates.length * size);
    candidates.forEach((c, i) => {
      stack.set(copyOf(c), i * size);
    });
    return stack;
  }
}
