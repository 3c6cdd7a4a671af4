import type { Graph } from "@quee/onnx-graph";

/** `extended` without the nodes and initializers that were added to `graph` and that no value of `wanted` needs. */
export function dropDeadNodes(graph: Graph, extended: Graph, wanted: readonly string[]): Graph {
  const needed = new Set(wanted);
  const added = extended.nodes.slice(graph.nodes.length);
  const alive = added.toReversed().filter(({ inputs, outputs }) => {
    if (!outputs.some((output) => needed.has(output))) return false;
    for (const input of inputs) needed.add(input);
    return true;
  });
  const initializers = [...extended.initializers].filter(([name]) => graph.initializers.has(name) || needed.has(name));
  return { ...extended, nodes: [...graph.nodes, ...alive.reverse()], initializers: new Map(initializers) };
}
