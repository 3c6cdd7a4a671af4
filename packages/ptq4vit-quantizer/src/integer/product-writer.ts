import type { Graph, GraphBuilder } from "@quee/onnx-graph";
import type { WeightType } from "@quee/onnx-session";
import type { ActivationCodes } from "./activation-codes.js";

/** Zero point of weights as uint8. */
export const UNSIGNED_ZERO = 128;

/** Where products are written. */
export interface ProductWriter {
  readonly graph: Graph;
  readonly builder: GraphBuilder;
  readonly names: (stem: string) => string;
  readonly codes: ActivationCodes;
  readonly weights: WeightType;
}
