import { type Graph, GraphBuilder } from "@quee/onnx-graph";

/** A builder with everything of the graph but its operators and outputs. */
export function copyOfDoor(graph: Graph): GraphBuilder {
  const builder = new GraphBuilder(graph.name);
  for (const [domain, version] of graph.opsets) builder.opset(domain, version);
  for (const { name, shape, dtype } of graph.inputs) builder.input(name, shape ?? [], dtype);
  for (const [name, value] of graph.initializers) builder.initializer(name, value);
  return builder;
}

/** Names that no value of the graph has, those of nodes still to be copied included. */
export function nameGiver(graph: Graph): (stem: string) => string {
  const taken = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  return (stem) => {
    let name = stem;
    for (let i = 1; taken.has(name); i++) name = `${stem}_${i}`;
    taken.add(name);
    return name;
  };
}

/** The finished copy, without float weights that their rounded copies have replaced. */
export function finishedCopy(builder: GraphBuilder, graph: Graph): Graph {
  for (const { name, shape, dtype } of graph.outputs) builder.output(name, shape, dtype);
  const copy = builder.build();
  const read = new Set([...copy.nodes.flatMap(({ inputs }) => inputs), ...graph.outputs.map(({ name }) => name)]);
  const initializers = new Map([...copy.initializers].filter(([name]) => read.has(name)));
  return { ...copy, initializers, irVersion: graph.irVersion, metadata: graph.metadata };
}
