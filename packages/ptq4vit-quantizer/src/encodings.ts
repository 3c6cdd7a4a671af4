import { bits as asBits, type Bits } from "@quee/core";
import { z } from "zod";

const operandEncoding = z.strictObject({
  /** Which input of the node. */
  input: z.int(),
  /** The value that the float graph feeds there. */
  value: z.string(),
  /** Which quantizer; only it knows what else follows from a scale. */
  quantizer: z.string().default("uniform"),
  /** Δ of each group: one for the whole tensor, for each stacked matrix (q, k, v), head or channel. */
  scales: z.array(z.number().positive()).min(1),
  /** The axis that the groups divide, counted from the end where negative; null where there is one group. */
  axis: z.int().nullable(),
  /** The step of a second range, which no search moves: Δ⁻ behind a GELU, Δ₂ behind a softmax. */
  fixedScale: z.number().optional(),
});

const bitWidth = z
  .int()
  .min(2)
  .max(8)
  .transform((width): Bits => asBits(width));

const siteEncoding = z.strictObject({
  node: z.string(),
  role: z.string(),
  /** A stem may run at other bits than its block. */
  bits: bitWidth.optional(),
  operands: z.array(operandEncoding),
});

/** Everything that turns the float graph of a block into its quantized one, as JSON keeps it. */
export const blockEncodingsSchema = z.strictObject({
  bits: bitWidth,
  sites: z.array(siteEncoding),
});

/** How one operand of a site is quantized. Without `quantizer`: symmetric uniform. */
export interface OperandEncoding {
  readonly input: number;
  readonly value: string;
  readonly quantizer?: string | undefined;
  readonly scales: readonly number[];
  readonly axis: number | null;
  readonly fixedScale?: number | undefined;
}

export interface SiteEncoding {
  readonly node: string;
  readonly role: string;
  /** Those of the block where absent. */
  readonly bits?: Bits | undefined;
  readonly operands: readonly OperandEncoding[];
}

export interface BlockEncodings {
  readonly bits: Bits;
  readonly sites: readonly SiteEncoding[];
}
