import type { Attribute, Constant, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { qualifiedOp } from "../rules/table.js";
import { GraphEdit } from "./graph-edit.js";

/** Operators that give something else each time, or may. */
const random = /^(Random|Bernoulli|Multinomial|Dropout)/;

/** The same operator on the same inputs is computed once. */
export const mergeDuplicates: GraphPass = {
  name: "common subexpressions",
  apply: (graph) => {
    const edit = new GraphEdit(graph);
    const seen = new Map<string, Node>();
    // Names of merged values, so that a chain of duplicates merges in one pass.
    const merged = new Map<string, string>();
    for (const node of graph.nodes) {
      const key = keyOf(node, (name) => merged.get(name) ?? name);
      const twin = key === null ? undefined : seen.get(key);
      if (key === null) continue;
      if (twin === undefined) seen.set(key, node);
      else if (node.outputs.every((name, i) => edit.redirect(name, twin.outputs[i]))) {
        for (const [i, name] of node.outputs.entries()) merged.set(name, twin.outputs[i]);
        edit.remove(node);
      }
    }
    return edit.apply();
  },
};

/** Equal keys: equal operators. null for what is not compared. */
function keyOf(node: Node, rename: (name: string) => string): string | null {
  if (random.test(node.op) || node.outputs.includes("")) return null;
  const attributes: [string, string][] = [];
  for (const [name, attribute] of [...node.attributes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const text = textOfAttribute(attribute);
    if (text === null) return null;
    attributes.push([name, text]);
  }
  return JSON.stringify([qualifiedOp(node), node.inputs.map(rename), node.outputs.length, attributes]);
}

function textOfAttribute(attribute: Attribute): string | null {
  if (attribute.kind === "graph") return null;
  if (attribute.kind !== "tensor") return JSON.stringify([attribute.kind, attribute.value]);
  return attribute.value.data.length <= 64 ? textOfConstant(attribute.value) : null;
}

function textOfConstant({ dtype, dims, data }: Constant): string {
  return JSON.stringify([dtype, dims, Array.from(data, String)]);
}
