import { evaluateNode } from "../evaluate/evaluate-node.js";
import { bytesOf, constantOfNumbers } from "../evaluate/numbers.js";
import type { Constant, Graph, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { isStatic, sizeOfShape } from "../shapes/dims.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts } from "./graph-facts.js";

/** Larger results stay operators: a folded Expand would blow up the file. */
const largestFoldedBytes = 16 * 2 ** 20;

/**
 * Operators on constants become initializers, and so do small values that shape inference knows in full although their input
 * varies (the width of a tensor with a dynamic batch).
 */
export const foldConstants: GraphPass = {
  name: "constant folding",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    // Values folded in this pass are constants to the operators behind them.
    const folded = new Map<string, Constant>();
    for (const node of graph.nodes) {
      if (node.outputs.some((name) => facts.isOutput(name)) || !isSmall(facts, node)) continue;
      const values = fold(graph, facts, folded, node);
      if (values === null) continue;
      for (const [i, value] of values.entries()) {
        if (node.outputs[i] === "") continue;
        folded.set(node.outputs[i], value);
        edit.define(node.outputs[i], value);
      }
      edit.remove(node);
    }
    return edit.apply();
  },
};

function isSmall(facts: GraphFacts, node: Node): boolean {
  const bytes = node.outputs.reduce((sum, name) => {
    const { dtype, shape } = facts.known(name);
    return sum + (dtype !== null && isStatic(shape) ? (bytesOf(dtype) ?? 0) * (sizeOfShape(shape) as number) : 0);
  }, 0);
  return bytes <= largestFoldedBytes;
}

function fold(
  graph: Graph,
  facts: GraphFacts,
  folded: ReadonlyMap<string, Constant>,
  node: Node,
): readonly Constant[] | null {
  const inputs = node.inputs.map((name) => (name === "" ? null : (folded.get(name) ?? facts.constant(name))));
  if (inputs.every((input, i) => input !== null || node.inputs[i] === "")) {
    return evaluateNode(node, inputs, graph.opsets.get(node.domain));
  }
  const known = node.outputs.map((name) => knownConstant(facts, name));
  return known.every((value) => value !== null) ? (known as readonly Constant[]) : null;
}

function knownConstant(facts: GraphFacts, name: string): Constant | null {
  const { dtype, shape, elements } = facts.known(name);
  if (dtype === null || !isStatic(shape) || !elements?.every((element) => typeof element === "number")) return null;
  return constantOfNumbers(dtype, shape, elements as readonly number[]);
}
