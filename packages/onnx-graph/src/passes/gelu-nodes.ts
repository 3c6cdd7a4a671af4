import { type Node, scalar } from "../graph.js";
import type { GraphEdit } from "./graph-edit.js";
import { makeNode } from "./graph-facts.js";

/** The cubic term of the tanh form. Hendrycks and Gimpel, Gaussian Error Linear Units (arXiv 1606.08415), section 2. */
const CUBIC = 0.044715;

/** ½·x·(1 + erf(x/√2)), in the order of operators that onnxruntime fuses again. */
export function erfGelu(edit: GraphEdit, x: string, y: string): readonly Node[] {
  const { nodes, add, number } = writerOf(edit, y);
  const erf = add("Erf", [add("Div", [x, number("root_of_two", Math.SQRT2)])]);
  add("Mul", [add("Mul", [x, add("Add", [erf, number("one", 1)])]), number("half", 0.5)], y);
  return nodes;
}

/** ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) */
export function tanhGelu(edit: GraphEdit, x: string, y: string): readonly Node[] {
  const { nodes, add, number } = writerOf(edit, y);
  const cube = add("Mul", [add("Mul", [x, x]), x]);
  const inner = add("Add", [x, add("Mul", [cube, number("cubic", CUBIC)])]);
  const tanh = add("Tanh", [add("Mul", [inner, number("root_of_two_over_pi", Math.sqrt(2 / Math.PI))])]);
  add("Mul", [add("Mul", [x, add("Add", [tanh, number("one", 1)])]), number("half", 0.5)], y);
  return nodes;
}

/** x·σ(α·x) */
export function sigmoidGelu(edit: GraphEdit, x: string, y: string, alpha: number): readonly Node[] {
  const { nodes, add, number } = writerOf(edit, y);
  add("Mul", [x, add("Sigmoid", [add("Mul", [x, number("alpha", alpha)])])], y);
  return nodes;
}

function writerOf(edit: GraphEdit, y: string) {
  const nodes: Node[] = [];
  const add = (op: string, inputs: readonly string[], to = edit.fresh(`${y}_${op.toLowerCase()}`)) => {
    nodes.push(makeNode(op, inputs, to));
    return to;
  };
  const number = (name: string, value: number) => edit.constant(`${y}_${name}`, scalar(value));
  return { nodes, add, number };
}
