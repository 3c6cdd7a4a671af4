import type { Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf } from "./graph-facts.js";

/** A reduction that drops its axes, and an Unsqueeze that puts them back, is a reduction that keeps them. */
export const keepReducedAxes: GraphPass = {
  name: "reduced axes kept",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      if (node.op !== "Unsqueeze" || node.domain !== "") continue;
      const reduction = facts.producers.get(node.inputs[0]);
      if (reduction === undefined || !drops(reduction) || facts.onlyConsumer(node.inputs[0]) !== node) continue;
      const rank = facts.shape(reduction.inputs[0])?.length;
      if (rank === undefined) continue;
      const [dropped, restored] = [facts.axes(reduction, rank), facts.axes(node, rank)];
      if (dropped === null || restored === null || !sameSet(dropped, restored)) continue;
      const attributes = new Map([...reduction.attributes, ["keepdims", { kind: "int", value: 1 }] as const]);
      edit.remove(reduction);
      edit.replace(node, { ...reduction, outputs: node.outputs, attributes });
    }
    return edit.apply();
  },
};

function drops(node: Node): boolean {
  return node.domain === "" && /^Reduce/.test(node.op) && intOf(node, "keepdims", 1) === 0;
}

function sameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === a.length;
}
