import type { Graph } from "@quee/onnx-graph";
import { type Tensor, tensor } from "@quee/tensor";
import { unlikeVit } from "./anatomy-error.js";
import type { FinalNorm } from "./class-token.js";
import type { GraphIndex } from "./graph-index.js";
import type { LayerReading } from "./layers.js";
import type { Linear } from "./linears.js";
import { readTrunk } from "./trunk.js";

/** One transformer layer: values and operators by name. */
export interface VitLayer {
  /** Tokens entering and leaving, [B, T, D]. */
  readonly input: string;
  readonly output: string;
  /** One stacked product, or those that make queries, keys and values apart. */
  readonly qkv: readonly string[];
  readonly scores: string;
  readonly context: string;
  readonly projection: string;
  readonly fc1: string;
  readonly fc2: string;
  readonly heads: number;
  /** Every operator of the layer. */
  readonly nodes: ReadonlySet<string>;
}

/** A linear classifier. */
export interface Head {
  /** [D, K] */
  readonly weight: Tensor;
  /** [K] */
  readonly bias: Tensor;
}

export interface VitAnatomy {
  /** The graph's image input and its shape [C, H, W]. */
  readonly input: string;
  readonly imageShape: readonly [number, number, number];
  /** The graph's logits. */
  readonly output: string;
  /** T, the class token included. */
  readonly tokens: number;
  /** D */
  readonly width: number;
  /** K */
  readonly classCount: number;
  readonly heads: number;
  readonly layers: readonly VitLayer[];
  /** Index of the class token. */
  readonly classToken: number;
  readonly finalNorm: FinalNorm;
  readonly head: Head & { readonly nodes: readonly string[] };
  /** Tokens entering layer 1. */
  readonly stemOutput: string;
}

/**
 * Finds the parts of a pre-norm vision transformer by how its operators are connected; no name matters. The graph should be
 * cleaned (`cleanGraph` of `@quee/onnx-graph`).
 * @throws QueeError (input) naming the first thing that is not as in a ViT
 */
export function analyzeVit(graph: Graph): VitAnatomy {
  const { index, head, layers, ...trunk } = readTrunk(graph);
  if (head === null) throw unlikeVit("head", "a linear layer that makes the logits", "features");
  const [tokens, width] = tokenShape(index, trunk.stemOutput);
  if (head.from !== width) throw unlikeVit("head", `a weight of ${width} (token width) inputs`, String(head.from));
  const described = layers.map((layer) => describeLayer(layer, width));
  return {
    ...imageInput(graph),
    output: head.output,
    tokens,
    width,
    classCount: head.to,
    heads: (described[0] as VitLayer).heads,
    layers: described,
    classToken: trunk.classToken,
    finalNorm: trunk.finalNorm,
    head: { nodes: nodesOf(head), ...headTensors(index, head) },
    stemOutput: trunk.stemOutput,
  };
}

function describeLayer({ attention, fc1, fc2, input, output, nodes }: LayerReading, width: number): VitLayer {
  return {
    input,
    output,
    qkv: attention.qkv.map(({ linear }) => linear.node.name),
    scores: attention.scores.name,
    context: attention.context.name,
    projection: attention.projection.node.name,
    fc1: fc1.node.name,
    fc2: fc2.node.name,
    heads: width / attention.headWidth,
    nodes: new Set([...nodes].map(({ name }) => name)),
  };
}

function imageInput(graph: Graph): Pick<VitAnatomy, "input" | "imageShape"> {
  const [image, ...others] = graph.inputs;
  if (image === undefined || others.length > 0) {
    throw unlikeVit("inputs", "one image", graph.inputs.map(({ name }) => name).join(", ") || "none");
  }
  const [, channels, height, width, ...rest] = image.shape ?? [];
  if (typeof channels !== "number" || typeof height !== "number" || typeof width !== "number" || rest.length > 0) {
    throw unlikeVit(
      `input "${image.name}"`,
      "the shape [batch, C, H, W] of fixed size",
      `[${image.shape?.join(", ")}]`,
    );
  }
  return { input: image.name, imageShape: [channels, height, width] };
}

/** T and D. */
export function tokenShape(index: GraphIndex, stream: string): [number, number] {
  const shape = index.shape(stream) ?? [];
  const [, tokens, width] = shape;
  if (shape.length !== 3 || typeof tokens !== "number" || typeof width !== "number") {
    throw unlikeVit(`tokens "${stream}"`, "the shape [batch, T, D] with fixed T and D", `[${shape.join(", ")}]`);
  }
  return [tokens, width];
}

function nodesOf({ node, biasNode }: Linear): readonly string[] {
  return [node.name, ...(biasNode === null ? [] : [biasNode.name])];
}

function headTensors(index: GraphIndex, { weight, bias, layout, from, to }: Linear): Head {
  const values = floats(index, weight);
  const inOut =
    layout === "in-out" ? values : values.map((_, i) => values[(i % to) * from + Math.floor(i / to)] as number);
  return {
    weight: tensor([from, to], inOut),
    bias: tensor([to], bias === null ? new Float32Array(to) : floats(index, bias)),
  };
}

function floats(index: GraphIndex, name: string): Float32Array {
  const data = index.constant(name)?.data;
  if (!(data instanceof Float32Array))
    throw unlikeVit(`weights "${name}"`, "float32", index.constant(name)?.dtype ?? "none");
  return data;
}
