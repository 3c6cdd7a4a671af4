import type { Constant, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, intsOf, makeNode } from "./graph-facts.js";

/**
 * Tokens that were put first, [B, T, D] → [T, B, D] (as nn.MultiheadAttention and CLIP want them), for operators that work on each token
 * alone: these work on [B, T, D], and the Transpose comes behind them. Where it meets one that puts the batch first again, or an operator
 * that picks tokens, it goes.
 */
export const sinkTransposes: GraphPass = {
  name: "transpose sinking",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    // [T, B, D] → the same tokens as [B, T, D].
    const batchFirst = new Map<string, string>();
    // Those that come from [B, D, T], as a convolution's map does, and exist only when somebody reads them.
    const fromMaps = new Map<string, Node>();
    for (const node of graph.nodes) {
      if (node.domain !== "") continue;
      if (node.op === "Transpose") {
        const perm = intsOf(node, "perm")?.join();
        if (perm === "1,0,2") batchFirst.set(node.outputs[0], node.inputs[0]);
        if (perm === "2,0,1") {
          const tokens = edit.fresh(`${node.outputs[0]}_batch_first`);
          batchFirst.set(node.outputs[0], tokens);
          fromMaps.set(tokens, node);
        }
        continue;
      }
      if (!node.inputs.some((name) => batchFirst.has(name))) continue;
      const picked = pickedTokens(facts, batchFirst, node);
      const inputs = picked?.inputs ?? perToken(facts, edit, batchFirst, node);
      if (inputs === null) continue;
      for (const name of inputs) {
        const whole = fromMaps.get(name);
        if (whole !== undefined) edit.replace(whole, tokensOfMap(whole, name), whole);
      }
      if (picked !== null) {
        edit.replace(node, picked);
        continue;
      }
      const outputs = node.outputs.map((name) => edit.fresh(`${name}_batch_first`));
      const perm = { kind: "ints", value: [1, 0, 2] } as const;
      const back = node.outputs.map((name, i) => makeNode("Transpose", [outputs[i]], name, { perm }));
      edit.replace(node, { ...node, inputs, outputs }, ...back);
      for (const [i, name] of node.outputs.entries()) batchFirst.set(name, outputs[i]);
    }
    return edit.apply();
  },
};

/** [B, D, T] → [B, T, D] */
function tokensOfMap({ inputs }: Node, output: string): Node {
  return makeNode("Transpose", [inputs[0]], output, { perm: { kind: "ints", value: [0, 2, 1] } });
}

/** Operators of one operand that see every number alone. */
const unary = new Set("Erf Relu Tanh Sigmoid Exp Sqrt Neg Abs Reciprocal Gelu Clip Identity".split(" "));
const binary = new Set("Add Sub Mul Div Pow".split(" "));

/** The inputs with which an operator does on [B, T, D] what it does on [T, B, D]; null when it mixes tokens, or its other operands do. */
function perToken(
  facts: GraphFacts,
  edit: GraphEdit,
  batchFirst: ReadonlyMap<string, string>,
  node: Node,
): readonly string[] | null {
  const [first, ...others] = node.inputs;
  const tokens = batchFirst.get(first);
  const areConstants = others.every((name) => name === "" || facts.constant(name) !== null);
  if (binary.has(node.op)) {
    if (!node.inputs.every((name) => batchFirst.has(name) || isBesideTokens(facts, name))) return null;
    return node.inputs.map((name) => batchFirst.get(name) ?? besideTokens(facts, edit, name));
  }
  if (tokens === undefined || !areConstants) return null;
  const isPerToken =
    unary.has(node.op) ||
    (node.op === "MatMul" && facts.constant(others[0])?.dims.length === 2) ||
    (node.op === "LayerNormalization" && isLast(intOf(node, "axis", -1))) ||
    (node.op === "Split" && isLast(intOf(node, "axis", 0))) ||
    (node.op === "Slice" && sliceAxes(facts, node)?.every(isLast) === true);
  return isPerToken ? [tokens, ...others] : null;
}

/** A constant of the last axis, or with one row per token, [T, 1, D]. */
function isBesideTokens(facts: GraphFacts, name: string): boolean {
  const dims = facts.constant(name)?.dims;
  return dims !== undefined && (isOfLastAxis(dims) || (dims.length === 3 && dims[1] === 1));
}

const isOfLastAxis = (dims: readonly number[]) => dims.slice(0, -1).every((dim) => dim === 1);

/** The same constant beside [B, T, D]: rows per token are laid out as [1, T, D]. */
function besideTokens(facts: GraphFacts, edit: GraphEdit, name: string): string {
  const value = facts.constant(name) as Constant;
  if (isOfLastAxis(value.dims)) return name;
  const [tokens, , width] = value.dims;
  return edit.constant(`${name}_batch_first`, { ...value, dims: [1, tokens, width] });
}

/** What drops the token axis, with that axis where it is now. */
function pickedTokens(facts: GraphFacts, batchFirst: ReadonlyMap<string, string>, node: Node): Node | null {
  const [first, second] = node.inputs;
  const tokens = batchFirst.get(first);
  if (tokens === undefined) return null;
  const one = { kind: "int", value: 1 } as const;
  const isGather = node.op === "Gather" && intOf(node, "axis", 0) === 0 && facts.constant(second)?.dims.length === 0;
  if (isGather) return { ...node, inputs: [tokens, second], attributes: new Map([["axis", one]]) };
  const isMean = node.op === "ReduceMean" && intsOf(node, "axes")?.join() === "0" && intOf(node, "keepdims", 1) === 0;
  if (!isMean) return null;
  const attributes = new Map([...node.attributes, ["axes", { kind: "ints", value: [1] }] as const]);
  return { ...node, inputs: [tokens], attributes };
}

function sliceAxes(facts: GraphFacts, node: Node): readonly number[] | null {
  return facts.integers(node.inputs[3]) ?? intsOf(node, "axes");
}

/** Tokens have three axes. */
const isLast = (axis: number) => axis === -1 || axis === 2;
