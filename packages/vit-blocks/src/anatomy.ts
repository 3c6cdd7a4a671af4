import type { Graph } from "@quee/onnx-graph";
import { unlikeVit } from "./anatomy-error.js";
import type { GraphIndex } from "./graph-index.js";
import { type Head, type HeadReading, mergedHead } from "./head.js";
import type { LayerReading } from "./layers.js";
import type { Pooling } from "./tail.js";
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

export interface VitAnatomy {
  /** The graph's image input and its shape [C, H, W]. */
  readonly input: string;
  readonly imageShape: readonly [number, number, number];
  /** The graph's logits. */
  readonly output: string;
  /** T, class and distillation tokens included. */
  readonly tokens: number;
  /** D */
  readonly width: number;
  /** K */
  readonly classCount: number;
  readonly heads: number;
  readonly layers: readonly VitLayer[];
  /** Tokens entering layer 1, and leaving the last layer. */
  readonly stemOutput: string;
  readonly lastOutput: string;
  /** What the head reads, side by side: the class token, a mean of tokens, or both; every exit pools alike. */
  readonly pooling: readonly Pooling[];
  /** The values that the head reads; side by side they are the features, [B, F]. */
  readonly features: readonly string[];
  /** F: D for each part of `pooling`. */
  readonly featureWidth: number;
  /** Of the features; where the network averages two classifiers, the one that they are together. */
  readonly head: Head & { readonly nodes: readonly string[] };
}

/**
 * Finds the parts of a vision transformer by how its operators are connected; no name matters. The graph should be cleaned
 * (`cleanGraph` of `@quee/onnx-graph`).
 * @throws QueeError (input) naming the first thing that is not as in a ViT
 */
export function analyzeVit(graph: Graph): VitAnatomy {
  const { index, head, layers, stemOutput, stream, pooling, features } = readTrunk(graph);
  if (head === null) throw unlikeVit("head", "a linear layer that makes the logits", "features");
  const [tokens, width] = tokenShape(index, stemOutput);
  const merged = mergedHead(index, head);
  const [featureWidth, classCount] = merged.weight.shape as [number, number];
  if (featureWidth !== width * pooling.length) {
    const expected = `a weight of ${width * pooling.length} (width of the pooled tokens) inputs`;
    throw unlikeVit("head", expected, String(featureWidth));
  }
  const described = layers.map((layer) => describeLayer(layer, width));
  return {
    ...imageInput(graph),
    output: (index.graph.outputs[0] as { name: string }).name,
    tokens,
    width,
    classCount,
    heads: (described[0] as VitLayer).heads,
    layers: described,
    stemOutput,
    lastOutput: stream,
    pooling,
    features,
    featureWidth,
    head: { nodes: nodesOf(head), ...merged },
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
      "Export it with a dynamic batch only, not with dynamic height and width",
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

function nodesOf({ linears, averaging }: HeadReading): readonly string[] {
  const nodes = linears.flatMap(({ node, biasNode }) => (biasNode === null ? [node] : [node, biasNode]));
  return [...nodes, ...averaging].map(({ name }) => name);
}
