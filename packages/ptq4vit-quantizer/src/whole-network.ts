import { cleanGraph, type Graph } from "@quee/onnx-graph";
import { quantizableSites } from "@quee/vit-blocks";
import type { CalibratedBlock } from "./calibrate-blocks.js";

/**
 * An exported ViT as it is, without exits, to be quantized as one block. Its graph is cleaned: the same outputs with fewer operators.
 * @throws QueeError (input) naming the first thing that is not as in a ViT
 */
export function wholeNetwork(graph: Graph): CalibratedBlock {
  const cleaned = cleanGraph(graph);
  return { graph: cleaned, sites: quantizableSites(cleaned) };
}
