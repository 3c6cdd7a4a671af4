import { evaluateNode } from "./evaluate/evaluate-node.js";
import type { Constant, Graph } from "./graph.js";

/** Runs a graph operator by operator on constants: slow, plain, and independent of any pass. Every value, by name. */
export function interpret(graph: Graph, feeds: ReadonlyMap<string, Constant>): ReadonlyMap<string, Constant> {
  const values = new Map([...graph.initializers, ...feeds]);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => (name === "" ? null : (values.get(name) ?? null)));
    const made = evaluateNode(node, inputs, graph.opsets.get(node.domain));
    if (made === null) throw new Error(`${node.op} is not evaluated`);
    for (const [i, value] of made.entries()) values.set(node.outputs[i], value);
  }
  return values;
}

/** Values that differ from each other: i/7, centred. */
export function ramp(...dims: readonly number[]): Constant {
  const size = dims.reduce((product, dim) => product * dim, 1);
  return { dtype: "float32", dims, data: Float32Array.from({ length: size }, (_, i) => (i - size / 2) / 7) };
}

export function opsOf(graph: Graph): readonly string[] {
  return graph.nodes.map(({ op }) => op);
}
