import type { Node } from "@quee/onnx-graph";
import { say, unlikeVit } from "./anatomy-error.js";
import { type Attention, readAttention } from "./attention.js";
import type { GraphIndex } from "./graph-index.js";
import type { Linear } from "./linears.js";
import { type Residual, residualAt } from "./residual.js";

/** A pre-norm transformer layer as it stands in the graph. */
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
    const mlp = residualAt(index, value);
    // Anything but a branch with a norm of the stream at its head ends the layers: positions, a convolution's shortcut …
    if (mlp === null || normOf(index, mlp) === undefined) break;
    const layer = readLayer(index, linears, value, mlp);
    layers.unshift(layer);
    value = layer.input;
  }
  if (layers.length === 0) {
    throw unlikeVit(
      `value "${stream}"`,
      "a residual addition x + f(LayerNormalization(x)) at the end of the last layer",
      say(index.producer(stream)),
      "Is the graph cleaned, and is it a pre-norm network?",
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
  const { fc1, fc2 } = readMlp(index, linears, mlp, where);
  const attending = residualAt(index, mlp.stream);
  if (attending === null || normOf(index, attending) === undefined) {
    const got = say(index.producer(mlp.stream));
    throw unlikeVit(where, "a residual addition x + attention(LayerNormalization(x)) before the MLP", got);
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

function readMlp(index: GraphIndex, linears: ReadonlyMap<string, Linear>, { nodes, stream }: Residual, where: string) {
  const inside = [...linears.values()].filter(({ node }) => nodes.has(node));
  const norm = normOf(index, { nodes, stream });
  const fc1 = inside.find(({ input }) => input === norm?.outputs[0]);
  const fc2 = inside.find((linear) => linear !== fc1);
  if (fc1 === undefined || fc2 === undefined || inside.length !== 2) {
    const got = `${inside.length} linear layers${[...nodes].some(({ op }) => op === "Softmax") ? " and a Softmax" : ""}`;
    throw unlikeVit(where, "an MLP of two linear layers behind a LayerNormalization", got);
  }
  return { fc1, fc2 };
}

/** The norm of the stream that begins a branch. */
function normOf(index: GraphIndex, { nodes, stream }: Pick<Residual, "nodes" | "stream">): Node | undefined {
  return index.consumers(stream).find((node) => node.op === "LayerNormalization" && nodes.has(node));
}
