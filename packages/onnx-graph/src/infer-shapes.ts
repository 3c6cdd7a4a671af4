import type { Graph, Node } from "./graph.js";
import { Call, type Known, unknown, type ValueType } from "./rules/call.js";
import { shapeRuleOf } from "./rules/table.js";
import { elementsOfConstant, inferElements } from "./shapes/elements.js";

/**
 * Element type and shape of every value of a graph: inputs, initializers and the outputs of every operator. Symbolic dimensions
 * keep their names ("batch"), integer arithmetic on shapes is carried along, so that Shape → Gather → Concat → Reshape comes out
 * as [batch, 17, 256]. An operator without a rule gives unknown types (null) and inference goes on.
 * @throws QueeError (input) naming the node when shapes contradict each other
 */
export function inferShapes(graph: Graph): ReadonlyMap<string, ValueType> {
  return new Map([...inferKnown(graph)].map(([name, { dtype, shape }]) => [name, { dtype, shape }]));
}

/** `inferShapes` with the elements of small values. */
export function inferKnown(graph: Graph): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  for (const { name, dtype, shape } of graph.inputs) known.set(name, { dtype, shape, elements: null });
  for (const [name, value] of graph.initializers) {
    known.set(name, { dtype: value.dtype, shape: value.dims, elements: elementsOfConstant(value) });
  }
  for (const node of graph.nodes) {
    for (const [i, type] of inferNode(graph, node, known).entries()) {
      const name = node.outputs[i];
      if (name !== "") known.set(name, type);
    }
  }
  return known;
}

/** One operator: what is known of its outputs, one for each output. */
export function inferNode(graph: Graph, node: Node, known: ReadonlyMap<string, Known>): readonly Known[] {
  const inputs = node.inputs.map((name) => known.get(name) ?? unknown);
  const call = new Call(node, graph.opsets.get(node.domain) ?? 17, inputs);
  const rule = shapeRuleOf(node);
  if (rule === undefined) return node.outputs.map(() => unknown);
  const types = rule(call);
  const elements = inferElements(call, types);
  return node.outputs.map((_, i) => ({ ...(types[i] ?? unknown), elements: elements[i] ?? null }));
}
