import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intsOf, makeNode } from "./graph-facts.js";

/** A Transpose behind a Transpose is one Transpose: axis i comes from first[second[i]]. */
export const mergeTransposes: GraphPass = {
  name: "transpose merging",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      if (node.op !== "Transpose" || node.domain !== "") continue;
      const before = facts.madeBy(node.inputs[0], "Transpose");
      const [first, second] = [before === null ? null : intsOf(before, "perm"), intsOf(node, "perm")];
      if (before === null || first === null || second === null) continue;
      const perm = { kind: "ints", value: second.map((axis) => first[axis]) } as const;
      edit.replace(node, { ...makeNode("Transpose", [before.inputs[0]], node.outputs[0], { perm }), name: node.name });
    }
    return edit.apply();
  },
};
