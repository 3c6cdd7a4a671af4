import type { Bits } from "@quee/core";

/** How one operand of a site is quantized: symmetric uniform, one step per group along an axis. */
export interface OperandEncoding {
  /** Which input of the node. */
  readonly input: number;
  /** The value that the float graph feeds there. */
  readonly value: string;
  /** Δ of each group; one for the whole tensor, or one for each of the stacked matrices (q, k, v). */
  readonly scales: readonly number[];
  /** The axis that the groups divide; null where there is one group. */
  readonly axis: number | null;
}

export interface SiteEncoding {
  readonly node: string;
  readonly role: string;
  readonly operands: readonly OperandEncoding[];
}

/** Everything that turns the float graph of a block into its quantized one. */
export interface BlockEncodings {
  readonly bits: Bits;
  readonly sites: readonly SiteEncoding[];
}
