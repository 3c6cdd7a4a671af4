import type { Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf } from "./graph-facts.js";

/**
 * A layer norm works per token, so one whose only reader picks some tokens (the class token before the head) need not norm the
 * others: the choice comes first.
 */
export const pickBeforeNorm: GraphPass = {
  name: "choice before norm",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const pick of graph.nodes) {
      const norm = facts.madeBy(pick.inputs[0] ?? "", "LayerNormalization");
      if (norm === null || facts.onlyConsumer(norm.outputs[0]) !== pick || !keepsLastAxis(facts, pick, norm)) continue;
      const picked = edit.fresh(`${pick.outputs[0]}_tokens`);
      edit.remove(norm);
      edit.replace(
        pick,
        { ...pick, inputs: [norm.inputs[0], ...pick.inputs.slice(1)], outputs: [picked] },
        { ...norm, inputs: [picked, ...norm.inputs.slice(1)], outputs: pick.outputs },
      );
    }
    return edit.apply();
  },
};

/** A Gather of one position or a Slice, along another axis than the last one that is normed. */
function keepsLastAxis(facts: GraphFacts, pick: Node, norm: Node): boolean {
  const rank = facts.shape(norm.inputs[0])?.length;
  const normed = intOf(norm, "axis", -1);
  if (pick.domain !== "" || rank === undefined || (normed !== -1 && normed !== rank - 1)) return false;
  if (norm.outputs.slice(1).some((name) => name !== "")) return false;
  if (pick.op === "Gather") {
    const axis = intOf(pick, "axis", 0);
    return (axis + rank) % rank < rank - 1 && facts.constant(pick.inputs[1])?.data.length === 1;
  }
  if (pick.op !== "Slice" || (pick.inputs[3] ?? "") === "") return false;
  return facts.integers(pick.inputs[3])?.every((axis) => (axis + rank) % rank < rank - 1) ?? false;
}
