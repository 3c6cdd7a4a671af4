import type { Bits } from "@quee/core";
import type { Node } from "@quee/onnx-graph";
import type { OperandEncoding } from "../encodings.js";

/** What a value reaches through movements. */
export interface Reach {
  /** In running order. */
  readonly movements: readonly Node[];
  /** The operands that read it in the end. */
  readonly operands: readonly OperandEncoding[];
  readonly bits: Bits;
}
