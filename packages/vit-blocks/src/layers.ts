import type { Node } from "@quee/onnx-graph";
import { say, unlikeVit } from "./anatomy-error.js";
import { type Attention, readAttention } from "./attention.js";
import type { GraphIndex } from "./graph-index.js";
import { layerResidual } from "./layer-residual.js";
import type { Linear } from "./linears.js";
import type { Residual } from "./residual.js";

/** A transformer layer as it stands in the graph: attention, then an MLP, each with a residual around it. */
export interface LayerReading {
  /** Tokens entering and leaving, [B, T, D]. */
  readonly input: string;
  readonly output: string;
  readonly attention: Attention;
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly nodes: ReadonlySet<Node>;
}

export interface LayersReading {
  /** In the order in which they run. */
  readonly layers: readonly LayerReading[];
  /** Tokens entering layer 1. */
  readonly stemOutput: string;
}

/** Follows the residual stream up from the last layer's output until it ends: what is above is the stem. */
export function readLayers(index: GraphIndex, linears: ReadonlyMap<string, Linear>, stream: string): LayersReading {
  const layers: LayerReading[] = [];
  let value = stream;
  for (;;) {
    const mlp = layerResidual(index, value);
    // A branch without a linear layer ends the layers: positions, a convolution's shortcut …
    if (mlp === null || linearsIn(linears, mlp).length === 0) break;
    const layer = readLayer(index, linears, value, mlp);
    layers.unshift(layer);
    value = layer.input;
  }
  if (layers.length === 0) {
    throw unlikeVit(
      `value "${stream}"`,
      "a residual addition x + f(x) at the end of the last layer",
      say(index.producer(stream)),
      "Is the graph cleaned, and is it a transformer?",
    );
  }
  return { layers, stemOutput: value };
}

function readLayer(
  index: GraphIndex,
  linears: ReadonlyMap<string, Linear>,
  output: string,
  mlp: Residual,
): LayerReading {
  const where = `layer that ends in "${output}"`;
  const { fc1, fc2 } = readMlp(linears, mlp, where);
  const attending = layerResidual(index, mlp.stream);
  if (attending === null) {
    const got = say(index.producer(mlp.stream));
    throw unlikeVit(where, "a residual addition x + attention(x) before the MLP", got);
  }
  const softmaxes = [...attending.nodes].filter(({ op }) => op === "Softmax");
  const [softmax] = softmaxes;
  if (softmax === undefined || softmaxes.length > 1) {
    throw unlikeVit(where, "one Softmax in the attention", String(softmaxes.length));
  }
  const attention = readAttention(index, linears, softmax);
  const nodes = new Set([...attending.nodes, ...mlp.nodes]);
  return { input: attending.stream, output, attention, fc1, fc2, nodes };
}

function readMlp(linears: ReadonlyMap<string, Linear>, mlp: Residual, where: string) {
  // In the order of the graph, so the first comes first.
  const inside = linearsIn(linears, mlp);
  const [fc1, fc2] = inside;
  const hasSoftmax = [...mlp.nodes].some(({ op }) => op === "Softmax");
  if (fc1 === undefined || fc2 === undefined || inside.length !== 2 || hasSoftmax) {
    const got = `${inside.length} linear layers${hasSoftmax ? " and a Softmax" : ""}`;
    throw unlikeVit(where, "an MLP of two linear layers", got);
  }
  if (fc1.to !== fc2.from) {
    throw unlikeVit(where, "an MLP whose second layer reads the first", `${fc1.to} and ${fc2.from} features`);
  }
  return { fc1, fc2 };
}

function linearsIn(linears: ReadonlyMap<string, Linear>, { nodes }: Residual): readonly Linear[] {
  return [...linears.values()].filter(({ node }) => nodes.has(node));
}
