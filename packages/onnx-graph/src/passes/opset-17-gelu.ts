import { type Node, scalar } from "../graph.js";
import type { GraphEdit } from "./graph-edit.js";
import { makeNode } from "./graph-facts.js";

/** The cubic term of the tanh form. Hendrycks and Gimpel, Gaussian Error Linear Units (arXiv 1606.08415), section 2. */
const CUBIC = 0.044715;

/**
 * The Gelu of opset 20 in operators that opset 17 has: ½·x·(1 + erf(x/√2)), or ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))), in the
 * order of operators that onnxruntime fuses again.
 */
export function withoutGelu({ edit, node }: { readonly edit: GraphEdit; readonly node: Node }): readonly Node[] {
  const [x] = node.inputs;
  const [y] = node.outputs;
  const number = (name: string, value: number) => edit.constant(`${y}_${name}`, scalar(value));
  const nodes: Node[] = [];
  const add = (op: string, inputs: readonly string[], to = edit.fresh(`${y}_${op.toLowerCase()}`)) => {
    nodes.push(makeNode(op, inputs, to));
    return to;
  };
  const bent = node.attributes.get("approximate")?.value === "tanh" ? tanhOf() : erfOf();
  const gated = add("Mul", [x, add("Add", [bent, number("one", 1)])]);
  add("Mul", [gated, number("half", 0.5)], y);
  return nodes;

  function erfOf(): string {
    return add("Erf", [add("Div", [x, number("root_of_two", Math.SQRT2)])]);
  }

  function tanhOf(): string {
    const cube = add("Mul", [add("Mul", [x, x]), x]);
    const inner = add("Add", [x, add("Mul", [cube, number("cubic", CUBIC)])]);
    return add("Tanh", [add("Mul", [inner, number("root_of_two_over_pi", Math.sqrt(2 / Math.PI))])]);
  }
}
