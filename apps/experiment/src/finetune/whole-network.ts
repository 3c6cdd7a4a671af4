import type { Graph } from "@quee/onnx-graph";
import { analyzeVit, attachHead, type BlockGraph, cutBlocks, type Head, type VitAnatomy } from "@quee/vit-blocks";

/** A network without its head: `pixel_values` [batch, C, H, W] → `exit_features` [batch, F]. */
export interface HeadlessNetwork {
  readonly block: BlockGraph;
  readonly anatomy: VitAnatomy;
}

/** Takes the head off a cleaned network. */
export function withoutHead(graph: Graph): HeadlessNetwork {
  const anatomy = analyzeVit(graph);
  const [block] = cutBlocks(graph, anatomy, [anatomy.layers.length]);
  return { block: block as BlockGraph, anatomy };
}

/** `pixel_values` → `logits` */
export function withHead({ block }: HeadlessNetwork, head: Head): Graph {
  return attachHead(block, head);
}
