import { QueeError, show } from "@quee/core";
import type { Constant, Graph, Node, ValueInfo } from "./graph.js";
import { inferShapes } from "./infer-shapes.js";
import { renamedGraph } from "./rename-values.js";
import { definedValues, producerOf, valuesRead } from "./topology.js";

/** A value at the border of a part, with the name that it bears outside (its own when absent). */
export interface Port {
  readonly name: string;
  readonly rename?: string;
}

export interface SubgraphPorts {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/**
 * The part of a graph between some values and others: exactly the operators that the outputs need, in their order, with the
 * initializers they read. A listed input may be a value in the middle of the graph, or an initializer that is to be fed.
 * @throws QueeError (input) naming a value that does not exist, an input that was forgotten, or one that no output needs
 */
export function extractSubgraph(graph: Graph, ports: SubgraphPorts): Graph {
  const types = inferShapes(graph);
  for (const { name } of [...ports.inputs, ...ports.outputs]) {
    if (!types.has(name)) throw refused(ports, name, "a value of the graph", "an unknown name");
  }
  const { nodes, initializers, reached } = walkBack(graph, ports);
  const declared = new Map([...graph.inputs, ...graph.outputs].map((info) => [info.name, info]));
  const infoOf = ({ name }: Port): ValueInfo => {
    const type = types.get(name);
    const dtype = type?.dtype ?? declared.get(name)?.dtype;
    if (dtype === undefined) throw refused(ports, name, "a value of known element type", "an unknown one");
    return { name, dtype, shape: type?.shape ?? declared.get(name)?.shape ?? null };
  };
  for (const input of ports.inputs) {
    if (!reached.has(input.name))
      throw refused(ports, input.name, "an input that an output needs", "one that none needs");
  }
  const part: Graph = {
    ...graph,
    name: ports.name,
    inputs: ports.inputs.map(infoOf),
    outputs: ports.outputs.map(infoOf),
    initializers,
    nodes,
  };
  return withPortNames(part, ports);
}

interface Part {
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Constant>;
  readonly reached: ReadonlySet<string>;
}

function walkBack(graph: Graph, ports: SubgraphPorts): Part {
  const producers = producerOf(graph);
  const border = new Set(ports.inputs.map(({ name }) => name));
  const reached = new Set<string>();
  const kept = new Set<Node>();
  const forgotten = new Set<string>();
  const open = ports.outputs.map(({ name }) => name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    if (border.has(name) || graph.initializers.has(name)) continue;
    const producer = producers.get(name);
    if (producer !== undefined) {
      kept.add(producer);
      open.push(...valuesRead(producer));
    } else forgotten.add(name);
  }
  if (forgotten.size > 0) {
    const names = [...forgotten].map(show).join(", ");
    throw new QueeError({
      code: "E_GRAPH_PORTS",
      kind: "input",
      where: `subgraph ${show(ports.name)} of graph ${show(graph.name)}`,
      expected: "inputs that cut off everything the outputs need",
      got: `outputs that also need ${names}`,
    });
  }
  return {
    nodes: graph.nodes.filter((node) => kept.has(node)),
    initializers: new Map([...graph.initializers].filter(([name]) => reached.has(name) && !border.has(name))),
    reached,
  };
}

/** Gives the ports their outside names; a value inside that bears one of them moves away, a second name is an Identity. */
function withPortNames(part: Graph, ports: SubgraphPorts): Graph {
  const names = new Map<string, string>();
  const copies: { readonly from: string; readonly to: string }[] = [];
  for (const { name, rename } of [...ports.inputs, ...ports.outputs]) {
    const outside = rename ?? name;
    const given = names.get(name);
    if (given === undefined) names.set(name, outside);
    else if (given !== outside) copies.push({ from: given, to: outside });
  }
  const taken = new Set([...names.values(), ...copies.map(({ to }) => to)]);
  const own = definedValues(part);
  const fresh = (name: string): string => {
    let candidate = name;
    for (let i = 1; taken.has(candidate) || (candidate !== name && own.has(candidate)); i++) candidate = `${name}_${i}`;
    taken.add(candidate);
    return candidate;
  };
  for (const name of own) if (!names.has(name) && taken.has(name)) names.set(name, fresh(name));
  const renamed = renamedGraph(part, (name) => names.get(name) ?? name);
  return {
    ...renamed,
    outputs: part.outputs.map((info, i) => ({ ...info, name: ports.outputs[i].rename ?? info.name })),
    nodes: [...renamed.nodes, ...copies.map(({ from, to }) => identity(from, to))],
  };
}

function identity(from: string, to: string): Node {
  return { name: to, op: "Identity", domain: "", inputs: [from], outputs: [to], attributes: new Map() };
}

function refused(ports: SubgraphPorts, name: string, expected: string, got: string): QueeError {
  return new QueeError({
    code: "E_GRAPH_PORTS",
    kind: "input",
    where: `subgraph ${show(ports.name)}, value ${show(name)}`,
    expected,
    got,
  });
}
