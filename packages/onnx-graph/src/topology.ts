import type { Graph, Node } from "./graph.js";

/**
 * The values that an operator reads, each once: its inputs, and what the bodies of `If`, `Loop` and `Scan` take from around
 * them.
 */
export function valuesRead(node: Node): ReadonlySet<string> {
  const names = new Set(node.inputs);
  names.delete("");
  for (const attribute of node.attributes.values()) {
    if (attribute.kind === "graph") for (const name of capturedValues(attribute.value)) names.add(name);
  }
  return names;
}

/** Values that a body reads and does not define. */
export function capturedValues(body: Graph): ReadonlySet<string> {
  const own = definedValues(body);
  const read = [...body.nodes.flatMap((node) => [...valuesRead(node)]), ...body.outputs.map(({ name }) => name)];
  return new Set(read.filter((name) => !own.has(name)));
}

/** Every value that a graph defines: inputs, initializers, outputs of operators. */
export function definedValues(graph: Graph): ReadonlySet<string> {
  const names = new Set([...graph.inputs.map(({ name }) => name), ...graph.initializers.keys()]);
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== "") names.add(name);
  return names;
}

/** The operator that makes each value. Inputs and initializers have none. */
export function producerOf(graph: Graph): ReadonlyMap<string, Node> {
  const producers = new Map<string, Node>();
  for (const node of graph.nodes) for (const name of node.outputs) if (name !== "") producers.set(name, node);
  return producers;
}

/** The operators that read each value, in graph order, each once. A value that nobody reads is not in the map. */
export function consumersOf(graph: Graph): ReadonlyMap<string, readonly Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const name of valuesRead(node)) {
      const list = consumers.get(name);
      if (list === undefined) consumers.set(name, [node]);
      else list.push(node);
    }
  }
  return consumers;
}
