import { sizeOf } from "@quee/tensor";
import { constant, type Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intsOf, makeNode } from "./graph-facts.js";

/**
 * A BatchNormalization with fixed statistics is γ·(x − μ)/√(σ² + ε) + β: a factor and a shift per channel. Behind a convolution
 * they go into its kernels; behind the Transpose that tokens go through to have their channels in front they move before it, so
 * that it meets the one that turns them back. Ioffe and Szegedy, Batch Normalization (arXiv 1502.03167), algorithm 2.
 */
export const foldBatchNorm: GraphPass = {
  name: "batch norm folding",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      const affine = node.op === "BatchNormalization" && node.domain === "" ? affineOf(facts, node) : null;
      if (affine === null) continue;
      const before = facts.onlyConsumer(node.inputs[0]) === node ? facts.producers.get(node.inputs[0]) : undefined;
      if (before?.op === "Conv" && before.domain === "" && intoConvolution(facts, edit, before, node, affine)) continue;
      const perm = before?.op === "Transpose" ? intsOf(before, "perm") : null;
      if (perm === null) edit.replace(node, ...affineNodes(edit, node.inputs[0], node.outputs[0], affine, 1));
      else moveBefore(edit, before as Node, perm, node, affine);
    }
    return edit.apply();
  },
};

/** y = factor·x + shift, one of each per channel. */
interface Affine {
  readonly factor: Float32Array;
  readonly shift: Float32Array;
  readonly rank: number;
}

function affineOf(facts: GraphFacts, node: Node): Affine | null {
  const rank = facts.shape(node.inputs[0])?.length;
  const [scale, bias, mean, variance] = node.inputs.slice(1).map((name) => facts.constant(name)?.data);
  const training = node.attributes.get("training_mode")?.value === 1;
  const given = [scale, bias, mean, variance].every((data) => data instanceof Float32Array);
  if (rank === undefined || rank < 2 || !given || training || node.outputs.filter((name) => name !== "").length > 1) {
    return null;
  }
  const epsilon = node.attributes.get("epsilon");
  const added = epsilon?.kind === "float" || epsilon?.kind === "int" ? epsilon.value : 1e-5;
  const [gamma, beta, mu, sigma2] = [scale, bias, mean, variance] as Float32Array[];
  const factors = Float64Array.from(gamma, (value, c) => value / Math.sqrt(sigma2[c] + added));
  return {
    factor: Float32Array.from(factors),
    shift: Float32Array.from(factors, (factor, c) => beta[c] - mu[c] * factor),
    rank,
  };
}

function intoConvolution(facts: GraphFacts, edit: GraphEdit, conv: Node, norm: Node, affine: Affine): boolean {
  const kernel = facts.constant(conv.inputs[1]);
  const bias = (conv.inputs[2] ?? "") === "" ? null : facts.constant(conv.inputs[2]);
  if (!(kernel?.data instanceof Float32Array) || ((conv.inputs[2] ?? "") !== "" && bias === null)) return false;
  const { factor, shift } = affine;
  const perChannel = sizeOf(kernel.dims.slice(1));
  const scaled = kernel.data.map((weight, i) => weight * factor[Math.floor(i / perChannel)]);
  const shifted = shift.map((value, c) => value + factor[c] * Number(bias?.data[c] ?? 0));
  const weight = edit.constant(`${conv.inputs[1]}_normed`, constant(kernel.dims, scaled));
  const added = edit.constant(`${norm.outputs[0]}_bias`, constant([shift.length], shifted));
  edit.remove(conv);
  edit.replace(norm, { ...conv, inputs: [conv.inputs[0], weight, added], outputs: norm.outputs });
  return true;
}

/** Transpose(x)·factor + shift = Transpose(x·factor + shift), the channels where they stood before. */
function moveBefore(edit: GraphEdit, transpose: Node, perm: readonly number[], norm: Node, affine: Affine): void {
  const normed = edit.fresh(`${norm.outputs[0]}_tokens`);
  edit.remove(transpose);
  edit.replace(
    norm,
    ...affineNodes(edit, transpose.inputs[0], normed, affine, perm[1]),
    makeNode("Transpose", [normed], norm.outputs[0], { perm: { kind: "ints", value: perm } }),
  );
}

function affineNodes(edit: GraphEdit, x: string, y: string, { factor, shift, rank }: Affine, channels: number) {
  const dims = Array<number>(rank - channels).fill(1);
  dims[0] = factor.length;
  const scaled = edit.fresh(`${y}_scaled`);
  return [
    makeNode("Mul", [x, edit.constant(`${y}_factor`, constant(dims, factor))], scaled),
    makeNode("Add", [scaled, edit.constant(`${y}_shift`, constant(dims, shift))], y),
  ];
}
