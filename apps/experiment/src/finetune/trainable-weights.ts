import type { Graph, Node } from "@quee/onnx-graph";
import { isUnfolding } from "@quee/vit-blocks";

/** Which inputs of an operator may be weights. */
const weightInputs: Readonly<Record<string, readonly number[]>> = {
  MatMul: [0, 1],
  Gemm: [1, 2],
  Conv: [1, 2],
  LayerNormalization: [1, 2],
  // Biases and positions; factors of LayerScale; class tokens, whichever way an exporter spreads them over the batch.
  Add: [0, 1],
  Mul: [0, 1],
  Concat: [0, 1, 2],
  Expand: [0],
};

/**
 * Names of the weights of a network, whoever exported it: float constants of more than one number that such operators read. Left
 * alone are kernels that cut windows out of an image, and matrices that several products share, as T2T-ViT's random features are: its
 * queries and keys go through the same ones, and its authors do not train them.
 */
export function trainableWeights(graph: Graph): readonly string[] {
  const readers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const name of node.inputs)
      if (graph.initializers.has(name)) readers.set(name, [...(readers.get(name) ?? []), node]);
  }
  return [...graph.initializers]
    .filter(
      ([name, { dtype, data }]) =>
        dtype === "float32" && data.length > 1 && isWeight(graph, name, readers.get(name) ?? []),
    )
    .map(([name]) => name);
}

function isWeight(graph: Graph, name: string, readers: readonly Node[]): boolean {
  const isRead = readers.every(({ op, inputs }) => weightInputs[op]?.includes(inputs.indexOf(name)) === true);
  const isShared = readers.length > 1 && readers.some(({ op }) => op === "MatMul");
  return readers.length > 0 && isRead && !isShared && !readers.some((node) => isUnfolding(graph, node));
}
