import type { Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, intsOf, makeNode } from "./graph-facts.js";

/**
 * Tokens that were put first, [B, T, D] → [T, B, D] (as nn.MultiheadAttention wants them), for operators that work on each token alone:
 * these work on [B, T, D] and the Transpose comes behind them, until it meets the one that puts the batch first again.
 */
export const sinkTransposes: GraphPass = {
  name: "transpose sinking",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      const at = node.domain === "" ? perToken(facts, node) : -1;
      const transpose = at < 0 ? null : facts.madeBy(node.inputs[at], "Transpose");
      const swap = transpose === null ? undefined : transpose.attributes.get("perm");
      if (transpose === null || swap?.kind !== "ints" || swap.value.join() !== "1,0,2") continue;
      const outputs = node.outputs.map((name) => edit.fresh(`${name}_batch_first`));
      const inputs = node.inputs.map((name, i) => (i === at ? transpose.inputs[0] : name));
      const back = node.outputs.map((name, i) => makeNode("Transpose", [outputs[i]], name, { perm: swap }));
      edit.replace(node, { ...node, inputs, outputs }, ...back);
    }
    return edit.apply();
  },
};

/** Which input of a node is tokens […, D] that it treats each alone, all others being constants of the last axis; −1: none. */
function perToken(facts: GraphFacts, node: Node): number {
  switch (node.op) {
    case "MatMul":
      return facts.constant(node.inputs[1])?.dims.length === 2 ? 0 : -1;
    case "Add":
    case "Sub":
    case "Mul":
    case "Div": {
      const at = node.inputs.findIndex((name) => facts.constant(name) === null);
      const others = node.inputs.filter((_, i) => i !== at);
      return others.length === 1 && (facts.constant(others[0])?.dims.length ?? 3) <= 1 ? at : -1;
    }
    case "Split":
      return isLast(intOf(node, "axis", 0)) ? 0 : -1;
    case "Slice": {
      const axes = facts.integers(node.inputs[3]) ?? intsOf(node, "axes");
      return axes?.every(isLast) === true ? 0 : -1;
    }
    default:
      return -1;
  }
}

/** Tokens have three axes. */
const isLast = (axis: number) => axis === -1 || axis === 2;
