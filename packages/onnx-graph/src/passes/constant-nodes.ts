import { evaluateNode } from "../evaluate/evaluate-node.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";

/** `Constant` operators become initializers of the same name. Graph outputs stay operators: an output must be produced. */
export const constantNodes: GraphPass = {
  name: "constant nodes to initializers",
  apply: (graph) => {
    const outputs = new Set(graph.outputs.map(({ name }) => name));
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      if (node.op !== "Constant" || outputs.has(node.outputs[0])) continue;
      const value = evaluateNode(node, []);
      if (value === null) continue;
      edit.define(node.outputs[0], value[0]);
      edit.remove(node);
    }
    return edit.apply();
  },
};
