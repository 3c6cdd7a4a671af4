import type { Bits, Path } from "./paths.js";

/** What a gate may do with an image. */
export type Action = { readonly kind: "exit" } | { readonly kind: "continue"; readonly bits: Bits };

/**
 * What a gate sees: images that came the same way, at the exit behind the last block of `prefix`.
 * QuEE (arXiv 2406.14404), equation 7.
 */
export interface GateView {
  /** The path so far. Empty at the first gate, which sees nothing and cannot exit. */
  readonly prefix: Path;
  /** n: images in this view. */
  readonly count: number;
  /** K */
  readonly classCount: number;
  /** p̂ of every exit passed, oldest first, one per block of `prefix`; each [n, K] row-major. */
  readonly history: readonly Float32Array[];
}

/** Decides where images go. `decide` answers one action per image of the view, in order. */
export interface Policy {
  readonly name: string;
  decide(view: GateView): readonly Action[];
}
