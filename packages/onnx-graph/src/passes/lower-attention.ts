import { constant, type Dim, type Node, scalar } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { qualifiedOp } from "../rules/table.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, makeNode } from "./graph-facts.js";

/**
 * Attention as one operator becomes softmax(Q·Kᵀ·scale)·V in plain ones: `Attention` of opset 23, and `MultiHeadAttention` and
 * `Attention` of com.microsoft. Only plain self-attention: no mask, no cache, no causality, as many heads for keys as for queries.
 */
export const lowerAttention: GraphPass = {
  name: "attention lowering",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      const read = readers.get(qualifiedOp(node));
      const lowered = read === undefined || !isPlain(node) ? null : read(facts, new AttentionWriter(edit, node), node);
      if (lowered !== null) edit.replace(node, ...lowered);
    }
    return edit.apply();
  },
};

type Reader = (facts: GraphFacts, writer: AttentionWriter, node: Node) => readonly Node[] | null;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["Attention", onnxAttention],
  ["com.microsoft:MultiHeadAttention", multiHeadAttention],
  ["com.microsoft:Attention", stackedAttention],
]);

/** Attributes under which the operator does more than plain attention, unless they are 0. */
const EXTRAS = [
  "is_causal",
  "softcap",
  "unidirectional",
  "qk_matmul_output_mode",
  "do_rotary",
  "past_present_share_buffer",
];

function isPlain({ attributes, outputs }: Node): boolean {
  const extra = EXTRAS.some((name) => (attributes.get(name)?.value ?? 0) !== 0);
  return !extra && !attributes.has("qkv_hidden_sizes") && outputs.slice(1).every((name) => name === "");
}

/** Q, K, V [B, T, H·d] or [B, H, T, d]. */
function onnxAttention(facts: GraphFacts, writer: AttentionWriter, node: Node): readonly Node[] | null {
  const [q, k, v] = node.inputs;
  if (hasMore(node, 3)) return null;
  const shapes = [q, k, v].map((name) => facts.shape(name));
  if (shapes.some((shape) => shape === null)) return null;
  const [rank] = shapes.map((shape) => (shape as readonly Dim[]).length);
  if (rank === 4) return writer.write([q, k, v], scaleOf(node, shapes[0]?.[3]), false);
  const heads = intOf(node, "q_num_heads", 0);
  if (rank !== 3 || heads < 1 || intOf(node, "kv_num_heads", 0) !== heads) return null;
  return writer.writeInHeads([q, k, v], heads, shapes[0]?.[2] ?? null, node);
}

/** query, key, value [B, T, D], and one bias [3·D] for all three. */
function multiHeadAttention(facts: GraphFacts, writer: AttentionWriter, node: Node): readonly Node[] | null {
  const [q, k = "", v = "", bias = ""] = node.inputs;
  const width = facts.shape(q)?.[2] ?? null;
  const heads = intOf(node, "num_heads", 0);
  if (hasMore(node, 4) || k === "" || v === "" || facts.shape(q)?.length !== 3 || facts.shape(k)?.length !== 3)
    return null;
  if (bias === "") return writer.writeInHeads([q, k, v], heads, width, node);
  const rows = facts.constant(bias)?.data;
  if (!(rows instanceof Float32Array) || typeof width !== "number" || rows.length !== 3 * width) return null;
  const biased = [q, k, v].map((name, i) => writer.plusRow(name, rows.slice(i * width, (i + 1) * width)));
  return writer.writeInHeads(biased as [string, string, string], heads, width, node);
}

/** x [B, T, D]·W [D, 3·D] + b, in three parts. */
function stackedAttention(facts: GraphFacts, writer: AttentionWriter, node: Node): readonly Node[] | null {
  const [x, weight, bias = ""] = node.inputs;
  const width = facts.shape(weight)?.[1];
  if (hasMore(node, 3) || typeof width !== "number" || width % 3 !== 0) return null;
  const parts = writer.stacked(x, weight, bias, width);
  return writer.writeInHeads(parts, intOf(node, "num_heads", 0), width / 3, node);
}

function hasMore(node: Node, plain: number): boolean {
  return node.inputs.slice(plain).some((name) => name !== "");
}

function scaleOf(node: Node, headWidth: Dim | undefined): number | null {
  const given = node.attributes.get("scale")?.value;
  if (typeof given === "number" && given !== 0) return given;
  return typeof headWidth === "number" ? headWidth ** -0.5 : null;
}

/** Collects the plain operators that stand for one attention. */
class AttentionWriter {
  readonly #edit: GraphEdit;
  readonly #node: Node;
  readonly #nodes: Node[] = [];

  constructor(edit: GraphEdit, node: Node) {
    this.#edit = edit;
    this.#node = node;
  }

  /** @param qkv [B, H, T, d] each @returns null when the scale is not known */
  write(qkv: readonly [string, string, string], scale: number | null, join: boolean): readonly Node[] | null {
    if (scale === null) return null;
    const [q, k, v] = qkv;
    const scores = this.#add("MatMul", [q, this.#transpose(k, [0, 1, 3, 2])]);
    const scaled = this.#add("Mul", [scores, this.#edit.constant(`${this.#node.outputs[0]}_scale`, scalar(scale))]);
    const weights = this.#add("Softmax", [scaled], { axis: { kind: "int", value: -1 } });
    const last = join ? undefined : this.#node.outputs[0];
    const context = this.#add("MatMul", [weights, v], {}, last);
    if (join) {
      const shape = this.#edit.integers(`${this.#node.outputs[0]}_joined`, [0, 0, -1]);
      this.#add("Reshape", [this.#transpose(context, [0, 2, 1, 3]), shape], {}, this.#node.outputs[0]);
    }
    return this.#nodes;
  }

  /** @param qkv [B, T, D] each */
  writeInHeads(qkv: readonly [string, string, string], heads: number, width: Dim, node: Node): readonly Node[] | null {
    if (heads < 1 || typeof width !== "number" || width % heads !== 0) return null;
    const inHeads = qkv.map((value) => {
      const shape = this.#edit.integers(`${this.#node.outputs[0]}_heads`, [0, 0, heads, -1]);
      return this.#transpose(this.#add("Reshape", [value, shape]), [0, 2, 1, 3]);
    });
    return this.write(inHeads as [string, string, string], scaleOf(node, width / heads), true);
  }

  plusRow(x: string, values: Float32Array): string {
    return this.#add("Add", [
      x,
      this.#edit.constant(`${this.#node.outputs[0]}_bias`, constant([values.length], values)),
    ]);
  }

  stacked(x: string, weight: string, bias: string, width: number): [string, string, string] {
    const product = this.#add("MatMul", [x, weight]);
    const biased = bias === "" ? product : this.#add("Add", [product, bias]);
    const sizes = this.#edit.integers(`${this.#node.outputs[0]}_parts`, [width / 3, width / 3, width / 3]);
    const parts = ["q", "k", "v"].map((part) => this.#edit.fresh(`${this.#node.outputs[0]}_${part}`));
    const split = makeNode("Split", [biased, sizes], parts[0], { axis: { kind: "int", value: -1 } });
    this.#nodes.push({ ...split, outputs: parts });
    return parts as [string, string, string];
  }

  #transpose(x: string, perm: readonly number[]): string {
    return this.#add("Transpose", [x], { perm: { kind: "ints", value: perm } });
  }

  #add(op: string, inputs: readonly string[], attributes: Parameters<typeof makeNode>[3] = {}, to?: string): string {
    const output = to ?? this.#edit.fresh(`${this.#node.outputs[0]}_${op.toLowerCase()}`);
    this.#nodes.push(makeNode(op, inputs, output, attributes));
    return output;
  }
}
