import type { Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { qualifiedOp } from "../rules/table.js";
import { erfGelu, sigmoidGelu, tanhGelu } from "./gelu-nodes.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, makeNode } from "./graph-facts.js";

/**
 * Operators that stand for several plain ones become those: what onnxruntime's optimizer writes into files that it saves, and
 * global pooling. onnxruntime fuses them again when it opens the graph.
 */
export const lowerFused: GraphPass = {
  name: "fused operator lowering",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      const lowered = lowerings.get(qualifiedOp(node))?.(facts, edit, node) ?? null;
      if (lowered !== null) edit.replace(node, ...lowered);
    }
    return edit.apply();
  },
};

/** The plain operators; null when this one does more. */
type Lowering = (facts: GraphFacts, edit: GraphEdit, node: Node) => readonly Node[] | null;

const lowerings: ReadonlyMap<string, Lowering> = new Map<string, Lowering>([
  ["com.microsoft:BiasGelu", (_, edit, node) => biased(edit, node, erfGelu)],
  ["com.microsoft:FastGelu", (_, edit, node) => biased(edit, node, tanhGelu)],
  [
    "com.microsoft:QuickGelu",
    (_, edit, { inputs, outputs, attributes }) => {
      const alpha = attributes.get("alpha")?.value;
      return sigmoidGelu(edit, inputs[0], outputs[0], typeof alpha === "number" ? alpha : 1.702);
    },
  ],
  ["com.microsoft:SkipLayerNormalization", skipLayerNorm],
  ["GlobalAveragePool", globalAverage],
]);

/** f(x + b); the bias may be absent. */
function biased(
  edit: GraphEdit,
  { inputs: [x, bias = ""], outputs: [y] }: Node,
  gelu: (edit: GraphEdit, x: string, y: string) => readonly Node[],
): readonly Node[] {
  if (bias === "") return gelu(edit, x, y);
  const sum = edit.fresh(`${y}_sum`);
  return [makeNode("Add", [x, bias], sum), ...gelu(edit, sum, y)];
}

/** norm(x + skip + bias), and the sum itself as fourth output. */
function skipLayerNorm(_: GraphFacts, edit: GraphEdit, node: Node): readonly Node[] | null {
  const [x, skip, weight, beta = "", bias = ""] = node.inputs;
  const [y, mean = "", deviation = "", givenSum = ""] = node.outputs;
  if (mean !== "" || deviation !== "") return null;
  const sum = givenSum === "" ? edit.fresh(`${y}_sum`) : givenSum;
  const biasedSkip = bias === "" ? skip : edit.fresh(`${y}_skip`);
  const epsilon = node.attributes.get("epsilon");
  const attributes = {
    axis: { kind: "int", value: -1 },
    epsilon: { kind: "float", value: typeof epsilon?.value === "number" ? epsilon.value : 1e-12 },
  } as const;
  return [
    ...(bias === "" ? [] : [makeNode("Add", [skip, bias], biasedSkip)]),
    makeNode("Add", [x, biasedSkip], sum),
    makeNode("LayerNormalization", [sum, weight, ...(beta === "" ? [] : [beta])], y, attributes),
  ];
}

/** The mean over everything behind the channels. */
function globalAverage(facts: GraphFacts, _: GraphEdit, node: Node): readonly Node[] | null {
  const rank = facts.shape(node.inputs[0])?.length;
  if (rank === undefined || (facts.graph.opsets.get("") ?? 17) >= 18) return null;
  const axes = Array.from({ length: rank - 2 }, (_axis, i) => i + 2);
  const mean = makeNode("ReduceMean", node.inputs, node.outputs[0], {
    axes: { kind: "ints", value: axes },
    keepdims: { kind: "int", value: 1 },
  });
  return [{ ...mean, name: node.name }];
}
