import type { Bits, Path } from "./paths.js";

/** What a gate may do with an image. To abstain is to stop here, having paid for the way so far, and to give no answer. */
export type Action =
  | { readonly kind: "exit" }
  | { readonly kind: "continue"; readonly bits: Bits }
  | { readonly kind: "abstain" };

/**
 * What a gate sees: images that came the same way, at the exit behind the last block of `prefix`.
 * QuEE (arXiv 2406.14404), equation 7.
 */
export interface GateView {
  /** The path so far. Empty at the first gate, which sees nothing and can only continue. */
  readonly prefix: Path;
  /** n: images in this view. */
  readonly count: number;
  /** K */
  readonly classCount: number;
  /** p̂ of every exit passed, oldest first, one per block of `prefix`; each [n, K] row-major. */
  readonly history: readonly Float32Array[];
  /**
   * What the head of every exit passed has read (the normalised class token), like `history`; each [n, D] row-major, empty
   * for exits where nobody collected it. Absent where nobody collects any: gates of the paper do not look at them.
   */
  readonly exitFeatures?: readonly Float32Array[];
}

/** Decides where images go. `decide` answers one action per image of the view, in order. */
export interface Policy {
  readonly name: string;
  decide(view: GateView): readonly Action[];
  /**
   * p̂ that it gives for images that exit at the end of `view.prefix`, [n, K] row-major: of policies that bring heads of their
   * own, or combine what several exits say. Without it the newest of the history is the answer.
   */
  answer?(view: GateView): Float32Array;
}
