import { type Graph, inferShapes, type Node, producerOf, type ValueType } from "@quee/onnx-graph";
import { isUnfolding } from "@quee/vit-blocks";
import { operandsOf } from "./dims.js";
import { macRules } from "./mac-rules.js";

export interface Macs {
  /** Multiply-accumulates per image. */
  readonly total: number;
  /** By name of the operator; those that count nothing are not in the map. */
  readonly byNode: ReadonlyMap<string, number>;
}

/**
 * True multiply-accumulates per image of every linear layer, convolution and attention product: once per token, not once per
 * layer. Convolutions that only unfold windows multiply nothing.
 * @throws QueeError (input) naming an operator whose shapes are not known
 */
export function macsOf(graph: Graph): Macs {
  const types = inferShapes(graph);
  const producers = producerOf(graph);
  const byNode = new Map<string, number>();
  for (const node of graph.nodes) {
    const macs = macsOfNode(graph, node, producers, types);
    if (macs > 0) byNode.set(node.name, macs);
  }
  return { total: sum([...byNode.values()]), byNode };
}

function macsOfNode(
  graph: Graph,
  node: Node,
  producers: ReadonlyMap<string, Node>,
  types: ReadonlyMap<string, ValueType>,
): number {
  const rule = macRules.get(node.op);
  if (rule !== undefined) return isUnfolding(graph, node) ? 0 : rule(operandsOf(node, types));
  const products = node.op === "ReduceSum" ? producers.get(node.inputs[0] as string) : undefined;
  return products === undefined ? 0 : macsOfDotProduct(graph, products, types);
}

/** Σ a·b over two different activations: what cleaning leaves of a MatMul with one column. Σ a² is a norm and counts nothing. */
function macsOfDotProduct(graph: Graph, products: Node, types: ReadonlyMap<string, ValueType>): number {
  const [a, b] = products.inputs;
  const isProduct = products.op === "Mul" && a !== b && !products.inputs.some((name) => graph.initializers.has(name));
  return isProduct
    ? operandsOf(products, types)
        .output(0)
        .reduce((all, dim) => all * dim, 1)
    : 0;
}

export function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
