import type { Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intsOf, makeNode } from "./graph-facts.js";

/**
 * nn.MultiheadAttention lays heads and batch into one axis, [T, B, H·d] → [T, B·H, d] → [B·H, T, d], so that no axis is the batch. Its scores,
 * softmax and context become those of [B, H, T, d], as other libraries write them.
 */
export const batchFirstAttention: GraphPass = {
  name: "batch-first attention",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const softmax of graph.nodes) {
      const found = softmax.op === "Softmax" && softmax.domain === "" ? matchAttention(facts, softmax) : null;
      if (found !== null) rewrite(edit, found);
    }
    return edit.apply();
  },
};

/** One of queries, keys and values on its way to its product. */
interface Operand {
  /** [T, B, H·d] */
  readonly tokens: string;
  /** Scalings on the way, from the tokens on. */
  readonly scalings: readonly Node[];
}

interface Match {
  readonly softmax: Node;
  readonly scores: Node;
  readonly context: Node;
  /** Scalings between scores and softmax. */
  readonly scalings: readonly Node[];
  readonly operands: readonly [queries: Operand, keys: Operand, values: Operand];
  readonly heads: number;
  readonly width: number;
  /** Puts the tokens of the context first; its reader joins the heads. */
  readonly tokensFirst: Node;
  readonly joining: Node;
}

function matchAttention(facts: GraphFacts, softmax: Node): Match | null {
  if (facts.shape(softmax.outputs[0])?.length !== 3) return null;
  const { value, scalings } = scalingsAbove(facts, softmax.inputs[0]);
  const scores = facts.madeBy(value, "MatMul");
  const context = facts.onlyConsumer(softmax.outputs[0]);
  if (scores === null || context?.op !== "MatMul" || context.inputs[0] !== softmax.outputs[0]) return null;
  const tokensFirst = facts.onlyConsumer(context.outputs[0]);
  const joining = tokensFirst === null ? null : facts.onlyConsumer(tokensFirst.outputs[0]);
  if (tokensFirst === null || !isTranspose(tokensFirst, "1,0,2") || joining?.op !== "Reshape") return null;
  const queries = operandOf(facts, scores.inputs[0], "1,0,2");
  const keys = operandOf(facts, scores.inputs[1], "1,2,0");
  const values = operandOf(facts, context.inputs[1], "1,0,2");
  if (queries === null || keys === null || values === null) return null;
  const width = facts.shape(queries.tokens)?.[2];
  const headWidth = facts.shape(scores.inputs[0])?.[2];
  if (typeof width !== "number" || typeof headWidth !== "number" || width % headWidth !== 0) return null;
  // The heads come together again in the last axis.
  if (facts.shape(joining.outputs[0])?.at(-1) !== width) return null;
  const operands = [queries, keys, values] as const;
  return { softmax, scores, context, scalings, operands, heads: width / headWidth, width, tokensFirst, joining };
}

/** [T, B, H·d] → [T, B·H, d], then transposes that come to `perm` and scalings. */
function operandOf(facts: GraphFacts, value: string, perm: string): Operand | null {
  let order = [0, 1, 2];
  const scalings: Node[] = [];
  for (let at = value; ; ) {
    const node = facts.producers.get(at);
    const transposed = node?.op === "Transpose" ? intsOf(node, "perm") : null;
    if (node === undefined || node.domain !== "") return null;
    if (transposed !== null) order = order.map((axis) => transposed[axis]);
    else if (isScaling(facts, node)) scalings.unshift(node);
    else {
      const isSplit = node.op === "Reshape" && order.join() === perm && splitsHeads(facts, node);
      return isSplit ? { tokens: node.inputs[0], scalings } : null;
    }
    at = node.inputs[0];
  }
}

function splitsHeads(facts: GraphFacts, node: Node): boolean {
  const [from, to] = [facts.shape(node.inputs[0]), facts.shape(node.outputs[0])];
  return from?.length === 3 && to?.length === 3 && typeof from[0] === "number" && from[0] === to[0];
}

function scalingsAbove(facts: GraphFacts, from: string) {
  let value = from;
  const scalings: Node[] = [];
  for (let node = facts.producers.get(value); node !== undefined && isScaling(facts, node); ) {
    scalings.unshift(node);
    value = node.inputs[0];
    node = facts.producers.get(value);
  }
  return { value, scalings };
}

function isScaling(facts: GraphFacts, { op, domain, inputs }: Node): boolean {
  return domain === "" && (op === "Mul" || op === "Div") && facts.constant(inputs[1])?.data.length === 1;
}

function isTranspose(node: Node, perm: string): boolean {
  return node.op === "Transpose" && intsOf(node, "perm")?.join() === perm;
}

function rewrite(edit: GraphEdit, match: Match): void {
  const { softmax, scores, context, scalings, operands, heads, width, tokensFirst, joining } = match;
  const nodes: Node[] = [];
  const add = (op: string, inputs: readonly string[], perm?: readonly number[], like?: Node) => {
    const output = edit.fresh(`${like?.outputs[0] ?? joining.outputs[0]}_batch_first`);
    const made = makeNode(op, inputs, output, perm === undefined ? {} : { perm: { kind: "ints", value: perm } });
    nodes.push(like === undefined ? made : { ...made, attributes: like.attributes });
    return output;
  };
  const scaled = (value: string, by: readonly Node[]) =>
    by.reduce((sofar, node) => add(node.op, [sofar, node.inputs[1]]), value);
  const inHeads = ({ tokens, scalings: own }: Operand, perm: readonly number[]) => {
    const byImage = add("Transpose", [tokens], [1, 0, 2]);
    const shape = edit.integers(`${joining.outputs[0]}_heads`, [0, 0, heads, width / heads]);
    return scaled(add("Transpose", [add("Reshape", [byImage, shape])], perm), own);
  };
  const [queries, keys, values] = operands;
  const products = add("MatMul", [inHeads(queries, [0, 2, 1, 3]), inHeads(keys, [0, 2, 3, 1])], undefined, scores);
  const weights = add("Softmax", [scaled(products, scalings)], undefined, { ...softmax, attributes: lastAxis });
  const mixed = add("MatMul", [weights, inHeads(values, [0, 2, 1, 3])], undefined, context);
  const shape = edit.integers(`${joining.outputs[0]}_joined`, [0, 0, width]);
  const joined = add("Reshape", [add("Transpose", [mixed], [0, 2, 1, 3]), shape]);
  const back = add("Transpose", [joined], [1, 0, 2]);
  // What computed them in the merged layout is dead now; the last Reshape gives the shape that its readers know.
  edit.replace(joining, ...nodes, { ...joining, inputs: [back, joining.inputs[1]] });
  edit.remove(tokensFirst);
  edit.remove(context);
  edit.remove(softmax);
}

const lastAxis: Node["attributes"] = new Map([["axis", { kind: "int", value: -1 }]]);
