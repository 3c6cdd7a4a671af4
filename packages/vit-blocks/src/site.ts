import type { Node } from "@quee/onnx-graph";
import { isGelu } from "./gelu.js";
import type { GraphIndex } from "./graph-index.js";
import type { Linear } from "./linears.js";

export type SiteRole =
  | "patch-embedding"
  | "stem-linear"
  | "qkv"
  | "scores"
  | "context"
  | "projection"
  | "fc1"
  | "fc2"
  | "head";

/** A product that PTQ4ViT quantizes (arXiv 2111.12293, section 3.1), and what it needs to know of it. */
export interface Site {
  /** Name of the MatMul, Gemm or Conv. */
  readonly node: string;
  /** `matmul` multiplies two activations; the others an activation and a weight. */
  readonly kind: "linear" | "conv" | "matmul";
  readonly role: SiteRole;
  /** 1-based within this graph; null in stem and head. */
  readonly layer: number | null;
  /** The activations that go in: one, or both operands of a `matmul`. */
  readonly activations: readonly string[];
  /** What comes out, the bias included where there is one. */
  readonly output: string;
  /** Initializer, or null for a `matmul`. */
  readonly weight: string | null;
  /** `in-out`: [from, to]. `out-in`: [to, from], or [to, from, kh, kw] of a Conv. */
  readonly weightLayout: "in-out" | "out-in" | null;
  /** Initializer of the bias, which stays in float, or null. */
  readonly bias: string | null;
  /** Equal blocks of output features that take a scale each: 3 for stacked queries, keys and values. */
  readonly groups: number;
  /** The first activation comes from a GELU, or from a softmax: twin ranges. */
  readonly postGelu: boolean;
  readonly postSoftmax: boolean;
}

export function linearSite(index: GraphIndex, linear: Linear, role: SiteRole, layer: number | null, groups = 1): Site {
  return {
    node: linear.node.name,
    kind: "linear",
    role,
    layer,
    activations: [linear.input],
    output: linear.output,
    weight: linear.weight,
    weightLayout: linear.layout,
    bias: linear.bias,
    groups,
    postGelu: isGelu(index, linear.input),
    postSoftmax: false,
  };
}

export function matmulSite(index: GraphIndex, node: Node, role: "scores" | "context", layer: number | null): Site {
  return {
    node: node.name,
    kind: "matmul",
    role,
    layer,
    activations: node.inputs,
    output: node.outputs[0] as string,
    weight: null,
    weightLayout: null,
    bias: null,
    groups: 1,
    postGelu: false,
    postSoftmax: index.producer(node.inputs[0] as string)?.op === "Softmax",
  };
}
