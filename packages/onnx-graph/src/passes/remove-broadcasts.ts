import type { Dim, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { broadcastShapes, sameShape } from "../shapes/dims.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, makeNode } from "./graph-facts.js";

/** Element-wise operators broadcast their operands themselves. */
const broadcasting = new Set(
  "Add Sub Mul Div Pow Max Min Equal Greater GreaterOrEqual Less LessOrEqual And Or Where".split(" "),
);
/** Element-wise operators of one operand: spreading before or after is the same. */
const pointwise = new Set(
  "Abs Exp Log Erf Neg Sqrt Relu Tanh Sigmoid Reciprocal Cast Round Floor Ceil Sign".split(" "),
);

/**
 * Expand and Tile of a dimension of size 1 (performers and class tokens have many) go where an operator broadcasts anyway; where
 * only a later one does, they first sink below the operators in between, which then work on fewer numbers.
 */
export const removeBroadcasts: GraphPass = {
  name: "broadcast elimination",
  apply: (graph) => {
    if (!graph.nodes.some(isSpread)) return graph;
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      if (node.domain !== "" || !(broadcasting.has(node.op) || pointwise.has(node.op))) continue;
      for (const [i, name] of node.inputs.entries()) {
        const spread = spreadOf(facts, name);
        if (spread === null || edit.isReplaced(node)) continue;
        const narrow = { ...node, inputs: node.inputs.map((input, k) => (k === i ? spread.inputs[0] : input)) };
        const replaced = withoutSpread(facts, edit, node, narrow, spread);
        if (replaced !== null) edit.replace(node, ...replaced);
      }
    }
    return edit.apply();
  },
};

const isSpread = (node: Node) => node.domain === "" && (node.op === "Expand" || node.op === "Tile");

/** The Expand or Tile that makes a value by repeating dimensions of size 1 (or adding some in front). */
function spreadOf(facts: GraphFacts, name: string): Node | null {
  const node = facts.madeBy(name, "Expand", "Tile");
  if (node === null) return null;
  const from = facts.shape(node.inputs[0]);
  const to = facts.shape(name);
  if (from === null || to === null) return null;
  const own = to.slice(to.length - from.length);
  return own.every((dim, i) => from[i] === 1 || (dim !== null && dim === from[i])) ? node : null;
}

function withoutSpread(
  facts: GraphFacts,
  edit: GraphEdit,
  node: Node,
  narrow: Node,
  spread: Node,
): readonly Node[] | null {
  const wide = facts.shape(node.outputs[0]);
  const own = facts.shape(spread.outputs[0]);
  const shape = broadcastOf(narrow.inputs.map((name) => facts.shape(name)));
  if (wide === null || shape === null) return null;
  if (sameShape(shape, wide)) return [narrow];
  // Sinking pays when the operator itself adds nothing to the shape, and nobody else needs the spread value.
  if (facts.onlyConsumer(spread.outputs[0]) !== node || !sameShape(own, wide)) return null;
  if (!sameShape(shape, facts.shape(spread.inputs[0]))) return null;
  const value = edit.fresh(`${node.outputs[0]}_narrow`);
  return [
    { ...narrow, outputs: [value] },
    { ...makeNode(spread.op, [value, ...spread.inputs.slice(1)], node.outputs[0]), name: spread.name },
  ];
}

function broadcastOf(shapes: readonly (readonly Dim[] | null)[]): readonly Dim[] | null {
  return shapes.reduce<readonly Dim[] | null>((joined, shape) => {
    return joined === null || shape === null ? null : (broadcastShapes(joined, shape) ?? null);
  }, []);
}
