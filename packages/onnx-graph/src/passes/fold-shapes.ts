import type { Dim, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, makeNode } from "./graph-facts.js";

/**
 * The chains Shape → Gather → Concat → Reshape of exporters become one Reshape with a constant target: numbers where they are
 * known, 0 where the input has the same symbolic dimension in the same place, −1 for one more unknown. Reshape behind Reshape
 * becomes one, and so do Flatten, Squeeze and Unsqueeze next to one.
 */
export const foldShapes: GraphPass = {
  name: "shape folding",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      if (node.domain !== "" || !reshaping.has(node.op)) continue;
      const [output] = node.outputs;
      const source = firstSource(facts, node);
      const merged = source !== node.inputs[0];
      if (!merged && (node.op !== "Reshape" || facts.constant(node.inputs[1]) !== null)) continue;
      const target = reshapeTarget(facts.shape(source), facts.shape(output));
      if (target === null) continue;
      const shape = edit.integers(`${output}_shape`, target);
      edit.replace(node, { ...makeNode("Reshape", [source, shape], output), name: node.name });
    }
    return edit.apply();
  },
};

/** Operators that only lay the elements out in another shape. */
const reshaping = new Set(["Reshape", "Flatten", "Squeeze", "Unsqueeze"]);

/** The value that a chain of reshapings starts from. */
function firstSource(facts: GraphFacts, node: Node): string {
  let [source] = node.inputs;
  for (;;) {
    const before = facts.madeBy(source, ...reshaping);
    if (before === null || (before.op === "Reshape" && intOf(before, "allowzero", 0) !== 0)) return source;
    source = before.inputs[0];
  }
}

/** The target of a Reshape between two shapes; null when it cannot be written down. */
export function reshapeTarget(from: readonly Dim[] | null, to: readonly Dim[] | null): readonly number[] | null {
  if (to === null) return null;
  const target = to.map((dim, axis): number | null => {
    if (typeof dim === "number") return dim;
    return dim !== null && from?.[axis] === dim ? 0 : null;
  });
  // A dimension of no elements would be read as "copy".
  if (to.some((dim) => dim === 0)) return null;
  const open = target.filter((dim) => dim === null).length;
  return open <= 1 ? target.map((dim) => dim ?? -1) : null;
}
