import { QueeError, show } from "@quee/core";
import { sizeOf } from "@quee/tensor";
import { bytesOf } from "./evaluate/numbers.js";
import type { Constant, Graph, Node } from "./graph.js";
import { producerOf, valuesRead } from "./topology.js";

const longestName = 65_536;

/**
 * Checks the structure of a graph from outside: names, definitions before uses, one definition per value, outputs that exist,
 * constants that fill their shapes. Shapes are `inferShapes`' business, values are nobody's here.
 * @throws QueeError (input) that names the node or the value
 */
export function verifyGraph(graph: Graph): void {
  if (graph.outputs.length === 0) throw refused("E_GRAPH_OUTPUT", graphPlace(graph), "at least one output", "none");
  verifyScope(graph, new Set());
}

/** A graph, or a body that also sees the values around it. */
function verifyScope(graph: Graph, around: ReadonlySet<string>): void {
  const defined = verifyDoor(graph, around);
  const producers = producerOf(graph);
  for (const node of graph.nodes) {
    if (node.name !== "") verifyName(node.name, `node ${show(node.name)}`);
    const sees = (name: string) => defined.has(name) || around.has(name);
    for (const attribute of node.attributes.values()) {
      if (attribute.kind === "graph") verifyScope(attribute.value, new Set([...around, ...defined]));
      if (attribute.kind === "tensor") verifyConstant(attribute.value, nodePlace(node));
    }
    for (const name of valuesRead(node)) {
      if (!sees(name)) throw notDefined(graph, producers.get(name), node, name);
    }
    for (const name of node.outputs) {
      if (name === "") continue;
      verifyName(name, `${nodePlace(node)}, output ${show(name)}`);
      if (sees(name)) throw duplicate(`${nodePlace(node)}, output ${show(name)}`);
      defined.add(name);
    }
  }
  for (const { name } of graph.outputs) {
    if (!defined.has(name) && !around.has(name)) {
      throw refused("E_GRAPH_OUTPUT", `output ${show(name)}`, "a value of the graph", "a name nobody produces");
    }
  }
}

/** Inputs, initializers and outputs. An initializer may bear the name of an input: it is its default. */
function verifyDoor(graph: Graph, around: ReadonlySet<string>): Set<string> {
  const inputs = new Set<string>();
  for (const { name } of graph.inputs) {
    verifyName(name, `input ${show(name)}`);
    if (inputs.has(name) || around.has(name)) throw duplicate(`input ${show(name)}`);
    inputs.add(name);
  }
  for (const [name, value] of graph.initializers) {
    verifyName(name, `initializer ${show(name)}`);
    if (around.has(name)) throw duplicate(`initializer ${show(name)}`);
    verifyConstant(value, `initializer ${show(name)}`);
  }
  const outputs = new Set<string>();
  for (const { name } of graph.outputs) {
    verifyName(name, `output ${show(name)}`);
    if (outputs.has(name)) throw duplicate(`output ${show(name)}`);
    outputs.add(name);
  }
  return new Set([...inputs, ...graph.initializers.keys()]);
}

function verifyName(name: string, place: string): void {
  const fault =
    name === ""
      ? "an empty name"
      : name === "__proto__"
        ? "__proto__"
        : name.includes("\0")
          ? "a name with a NUL"
          : name.length > longestName
            ? `${name.length} characters`
            : null;
  if (fault !== null) throw refused("E_GRAPH_NAME", place, `a name of at most ${longestName} characters`, fault);
}

function verifyConstant({ dtype, dims, data }: Constant, place: string): void {
  const odd = dims.find((dim) => !Number.isSafeInteger(dim) || dim < 0);
  if (odd !== undefined) throw refused("E_GRAPH_CONSTANT", place, "dimensions of 0 or more", String(odd));
  // Types that are kept as bytes have other lengths.
  if (bytesOf(dtype) === null || data.length === sizeOf(dims)) return;
  throw refused("E_GRAPH_CONSTANT", place, `${sizeOf(dims)} values of shape [${dims.join(", ")}]`, `${data.length}`);
}

/** Why a value is missing where a node reads it: nobody makes it, it is made later, or it depends on the node itself. */
function notDefined(graph: Graph, producer: Node | undefined, node: Node, name: string): QueeError {
  const place = `${nodePlace(node)}, input ${show(name)}`;
  if (producer === undefined) return refused("E_GRAPH_VALUE", place, "a value of the graph", "an unknown name");
  if (dependsOn(graph, producer, node)) return refused("E_GRAPH_CYCLE", place, "an acyclic graph", "a cycle");
  return refused(
    "E_GRAPH_ORDER",
    place,
    "operators in topological order",
    `a value of the later ${nodePlace(producer)}`,
  );
}

function dependsOn(graph: Graph, from: Node, target: Node): boolean {
  const producers = producerOf(graph);
  const seen = new Set<Node>();
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === target) return true;
    if (seen.has(node)) continue;
    seen.add(node);
    for (const name of valuesRead(node)) {
      const producer = producers.get(name);
      if (producer !== undefined) open.push(producer);
    }
  }
  return false;
}

const graphPlace = (graph: Graph) => `graph ${show(graph.name)}`;
const nodePlace = (node: Node) => `node ${show(node.name)} (${show(node.op).slice(1, -1)})`;

function duplicate(place: string): QueeError {
  return refused("E_GRAPH_DUPLICATE", place, "one definition of each name", "a second one");
}

function refused(code: string, where: string, expected: string, got: string): QueeError {
  return new QueeError({ code, kind: "input", where, expected, got });
}
