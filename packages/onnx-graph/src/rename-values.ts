import { QueeError, show } from "@quee/core";
import type { Attribute, Graph, Node } from "./graph.js";
import { definedValues } from "./topology.js";

/**
 * The same graph with other names for some values, wherever they occur: at the door, in operators, in the bodies of `If` and
 * `Loop`. Names that the map lacks stay; names that the graph lacks are an error, and so are two values of one name.
 */
export function renameValues(graph: Graph, names: ReadonlyMap<string, string>): Graph {
  const before = definedValues(graph);
  const after = new Set<string>();
  for (const name of names.keys()) {
    if (!before.has(name)) throw refused(name, "a value of the graph", "an unknown name");
  }
  for (const name of before) {
    const renamed = names.get(name) ?? name;
    if (renamed === "" || after.has(renamed))
      throw refused(renamed, "a name of its own for each value", "one that is taken");
    after.add(renamed);
  }
  return renamedGraph(graph, (name) => names.get(name) ?? name);
}

/** Renames without looking for collisions: for passes that merge values on purpose. */
export function renamedGraph(graph: Graph, rename: (name: string) => string): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map((info) => ({ ...info, name: rename(info.name) })),
    outputs: graph.outputs.map((info) => ({ ...info, name: rename(info.name) })),
    initializers: new Map([...graph.initializers].map(([name, value]) => [rename(name), value])),
    nodes: graph.nodes.map((node) => renamedNode(node, rename)),
  };
}

/** The node itself when nothing changes. */
export function renamedNode(node: Node, rename: (name: string) => string): Node {
  const names = [...node.inputs, ...node.outputs];
  const bodies = [...node.attributes.values()].some(({ kind }) => kind === "graph");
  if (!bodies && names.every((name) => name === "" || rename(name) === name)) return node;
  const renamed = (name: string) => (name === "" ? "" : rename(name));
  return {
    ...node,
    inputs: node.inputs.map(renamed),
    outputs: node.outputs.map(renamed),
    attributes: new Map([...node.attributes].map(([key, attribute]) => [key, renamedAttribute(attribute, rename)])),
  };
}

/** A body's own values keep their names; what it takes from around it changes. */
function renamedAttribute(attribute: Attribute, rename: (name: string) => string): Attribute {
  if (attribute.kind !== "graph") return attribute;
  const own = definedValues(attribute.value);
  return { kind: "graph", value: renamedGraph(attribute.value, (name) => (own.has(name) ? name : rename(name))) };
}

function refused(name: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_GRAPH_NAME", kind: "internal", where: `value ${show(name)}`, expected, got });
}
