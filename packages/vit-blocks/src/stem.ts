import type { Node } from "@quee/onnx-graph";
import type { GraphIndex } from "./graph-index.js";
import { type Linear, linearAt } from "./linears.js";
import { stackedParts } from "./parts.js";
import { linearSite, matmulSite, type Site } from "./site.js";
import { isUnfolding } from "./unfolding.js";

/** What stands between the pixels and the first matrix of a patch embedding. */
const PIXEL_MOVEMENT = new Set(["Reshape", "Transpose", "Pad", "Identity", "Flatten", "Gather", "Slice", "Unsqueeze"]);

/**
 * Sites before layer 1: patch embedding, and the linear layers and softmax attention of a tokens-to-token stem. Products of a
 * performer (no softmax) stay in float: its exponentials span dozens of orders of magnitude.
 */
export function stemSites(index: GraphIndex, nodes: readonly Node[]): readonly Site[] {
  return nodes.flatMap((node): readonly Site[] => {
    if (node.op === "Conv") return isUnfolding(index.graph, node) || !hasWeight(index, node) ? [] : [convSite(node)];
    const linear = linearAt(index, node);
    if (linear !== null) return feedsExponential(index, linear) ? [] : [stemLinear(index, linear)];
    const role = softmaxRole(index, node);
    return role === null ? [] : [matmulSite(index, node, role, null)];
  });
}

function stemLinear(index: GraphIndex, linear: Linear): Site {
  if (isPixels(index, linear.input)) return linearSite(index, linear, "patch-embedding", null);
  return linearSite(index, linear, "stem-linear", null, stackedParts(index, linear.output));
}

function convSite(node: Node): Site {
  const [pixels, weight, bias = ""] = node.inputs as [string, string, string?];
  return {
    node: node.name,
    kind: "conv",
    role: "patch-embedding",
    layer: null,
    activations: [pixels],
    output: node.outputs[0] as string,
    weight,
    weightLayout: "out-in",
    bias: bias === "" ? null : bias,
    groups: 1,
    postGelu: false,
    postSoftmax: false,
  };
}

function hasWeight(index: GraphIndex, node: Node): boolean {
  return index.constant(node.inputs[1] ?? "") !== undefined;
}

/** Random features: exp(W·x − |x|²/2). */
function feedsExponential(index: GraphIndex, { output }: Linear): boolean {
  return index.consumers(output).some((node) => {
    const next = node.op === "Sub" || node.op === "Add" ? index.consumers(node.outputs[0] as string) : [node];
    return next.some(({ op }) => op === "Exp");
  });
}

function isPixels(index: GraphIndex, value: string): boolean {
  if (index.inputs.has(value)) return true;
  const node = index.producer(value);
  if (node === undefined || !(PIXEL_MOVEMENT.has(node.op) || isUnfolding(index.graph, node))) return false;
  return isPixels(index, node.inputs[0] as string);
}

/** The part that a MatMul of two activations plays around a softmax. */
function softmaxRole(index: GraphIndex, node: Node): "scores" | "context" | null {
  if (node.op !== "MatMul") return null;
  if (index.producer(node.inputs[0] as string)?.op === "Softmax") return "context";
  let value = node.outputs[0] as string;
  for (;;) {
    const readers = index.consumers(value);
    const reader = readers[0];
    if (readers.length !== 1 || reader === undefined) return null;
    if (reader.op === "Softmax") return "scores";
    if (!["Mul", "Div", "Add"].includes(reader.op)) return null;
    value = reader.outputs[0] as string;
  }
}
