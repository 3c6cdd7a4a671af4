import { codeOfDType } from "../element-types.js";
import type { Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { sameShape } from "../shapes/dims.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, intsOf } from "./graph-facts.js";

/** Whether the first output of a node is its first input, element for element. */
type Test = (facts: GraphFacts, node: Node) => boolean;

const keepsShape: Test = (facts, { inputs, outputs }) => sameShape(facts.shape(inputs[0]), facts.shape(outputs[0]));

const tests: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["Identity", () => true],
  // Outside training mode a Dropout passes everything; its mask must not be asked for.
  ["Dropout", (facts, node) => !trains(facts, node) && (facts.consumers.get(node.outputs[1] ?? "") ?? []).length === 0],
  [
    "Cast",
    (facts, node) => {
      const { dtype } = facts.known(node.inputs[0]);
      return dtype !== null && codeOfDType(dtype) === intOf(node, "to", 0);
    },
  ],
  ["Reshape", keepsShape],
  ["Flatten", keepsShape],
  ["Squeeze", keepsShape],
  ["Unsqueeze", keepsShape],
  ["Expand", keepsShape],
  ["Tile", keepsShape],
  ["Slice", keepsWhole],
  [
    "Pad",
    (facts, node) => (intsOf(node, "pads") ?? facts.integers(node.inputs[1]))?.every((pad) => pad === 0) ?? false,
  ],
  ["Transpose", (_, node) => intsOf(node, "perm")?.every((from, to) => from === to) ?? false],
  ["Concat", (_, node) => node.inputs.length === 1],
  ["Sum", (_, node) => node.inputs.length === 1],
  ["Max", (_, node) => node.inputs.length === 1],
  ["Min", (_, node) => node.inputs.length === 1],
]);

function trains(facts: GraphFacts, { inputs }: Node): boolean {
  const mode = inputs[2] ?? "";
  if (mode === "") return false;
  return facts.constant(mode)?.data[0] !== 0;
}

/** A slice of everything, in order: same shape, and no negative step. */
function keepsWhole(facts: GraphFacts, node: Node): boolean {
  const steps = (node.inputs[4] ?? "") === "" ? [1] : facts.integers(node.inputs[4]);
  return keepsShape(facts, node) && (steps?.every((step) => step === 1) ?? false);
}

/** Operators that change nothing go. A graph output that equals an input keeps its operator. */
export const removeIdentities: GraphPass = {
  name: "identity elimination",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      if (node.domain !== "" || facts.isOutput(node.outputs[1] ?? "")) continue;
      if (tests.get(node.op)?.(facts, node) !== true) continue;
      if (edit.redirect(node.outputs[0], node.inputs[0])) edit.remove(node);
    }
    return edit.apply();
  },
};
