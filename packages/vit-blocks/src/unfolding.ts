import type { Graph, Node } from "@quee/onnx-graph";
import { intAttribute } from "./graph-index.js";

/**
 * Whether a node is a depthwise convolution whose kernels each copy one pixel: the windows of a soft split (im2col) written as a
 * convolution. It moves numbers and multiplies none.
 */
export function isUnfolding(graph: Graph, node: Node): boolean {
  if (node.op !== "Conv" || node.domain !== "" || (node.inputs[2] ?? "") !== "") return false;
  const kernel = graph.initializers.get(node.inputs[1] ?? "");
  if (kernel === undefined || kernel.dtype !== "float32" || kernel.dims[1] !== 1) return false;
  if (intAttribute(node, "group", 1) === 1 && kernel.dims[0] === 1) return false;
  const size = kernel.data.length / (kernel.dims[0] as number);
  for (let channel = 0; channel < (kernel.dims[0] as number); channel++) {
    let ones = 0;
    for (let i = 0; i < size; i++) {
      const weight = kernel.data[channel * size + i];
      if (weight === 1) ones++;
      else if (weight !== 0) return false;
    }
    if (ones !== 1) return false;
  }
  return true;
}
