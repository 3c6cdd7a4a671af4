import { type Graph, inferShapes } from "@quee/onnx-graph";
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
  const byNode = new Map<string, number>();
  for (const node of graph.nodes) {
    const rule = macRules.get(node.op);
    if (rule === undefined || isUnfolding(graph, node)) continue;
    byNode.set(node.name, rule(operandsOf(node, types)));
  }
  return { total: sum([...byNode.values()]), byNode };
}

export function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
