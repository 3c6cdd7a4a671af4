import type { Graph, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { valuesRead } from "../topology.js";

/** Operators and initializers that no output needs go; the graph's inputs stay, they are its interface. */
export const removeDeadCode: GraphPass = { name: "dead code", apply: withoutDeadCode };

function withoutDeadCode(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const kept: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of valuesRead(node)) needed.add(name);
  }
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const initializers = [...graph.initializers].filter(([name]) => needed.has(name) || inputs.has(name));
  if (kept.length === graph.nodes.length && initializers.length === graph.initializers.size) return graph;
  return { ...graph, nodes: kept.reverse(), initializers: new Map(initializers) };
}
