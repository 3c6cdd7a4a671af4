import { constant, type Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, makeNode } from "./graph-facts.js";

/** The operator came with this opset. */
const LAYER_NORMALIZATION = 17;

/**
 * (x − mean x) / √(mean (x − mean x)² + ε), then ·γ and +β, over the last axis: what exporters below opset 17 write for a layer
 * norm, becomes one LayerNormalization. Ba et al., Layer Normalization (arXiv 1607.06450), equation 3.
 */
export const fuseLayerNorm: GraphPass = {
  name: "layer norm fusion",
  apply: (graph) => {
    if ((graph.opsets.get("") ?? 0) < LAYER_NORMALIZATION) return graph;
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      const normal = normalised(facts, node);
      if (normal === null) continue;
      const scaled = affineAfter(facts, node, "Mul", normal.width);
      const shifted = affineAfter(facts, scaled?.node ?? node, "Add", normal.width);
      const last = shifted?.node ?? scaled?.node ?? node;
      if (last.outputs[0] !== node.outputs[0] && facts.isOutput(node.outputs[0])) continue;
      const row = (stem: string, values: Float32Array) => edit.constant(stem, constant([normal.width], values));
      const weight = row(`${last.outputs[0]}_weight`, scaled?.values ?? new Float32Array(normal.width).fill(1));
      const bias = shifted === null ? [] : [row(`${last.outputs[0]}_bias`, shifted.values)];
      const attributes = {
        axis: { kind: "int", value: -1 },
        epsilon: { kind: "float", value: normal.epsilon },
      } as const;
      const fused = makeNode("LayerNormalization", [normal.x, weight, ...bias], last.outputs[0], attributes);
      edit.replace(last, { ...fused, name: last.name });
    }
    return edit.apply();
  },
};

interface Normalised {
  readonly x: string;
  /** D: length of the last axis. */
  readonly width: number;
  readonly epsilon: number;
}

/** The input of the norm whose division (or product with a reciprocal) a node is; null when it is none. */
function normalised(facts: GraphFacts, node: Node): Normalised | null {
  const [centred, deviation] = quotient(facts, node) ?? [];
  if (centred === undefined || deviation === undefined) return null;
  const x = centredInput(facts, centred);
  const root = squareRootOf(facts, deviation);
  const sum = root === null ? null : facts.madeBy(root, "Add");
  const width = x === null ? undefined : facts.shape(x)?.at(-1);
  if (x === null || sum === null || typeof width !== "number") return null;
  for (const [mean, added] of bothOrders(sum)) {
    const epsilon = numberIn(facts, added);
    const squares = epsilon === null ? null : meanOverLast(facts, mean);
    if (epsilon !== null && squares !== null && isSquareOf(facts, squares, x)) return { x, width, epsilon };
  }
  return null;
}

/** [numerator, denominator] of a/b or a·(1/b). */
function quotient(facts: GraphFacts, node: Node): readonly [string, string] | null {
  if (node.domain !== "") return null;
  if (node.op === "Div") return [node.inputs[0], node.inputs[1]];
  if (node.op !== "Mul") return null;
  for (const [a, b] of bothOrders(node)) {
    const reciprocal = facts.madeBy(b, "Reciprocal");
    if (reciprocal !== null) return [a, reciprocal.inputs[0]];
  }
  return null;
}

/** x, when a value is x − mean x. */
function centredInput(facts: GraphFacts, value: string): string | null {
  const difference = facts.madeBy(value, "Sub");
  if (difference === null) return null;
  const [x, mean] = difference.inputs;
  return meanOverLast(facts, mean) === x ? x : null;
}

function squareRootOf(facts: GraphFacts, value: string): string | null {
  const root = facts.madeBy(value, "Sqrt", "Pow");
  if (root === null || (root.op === "Pow" && numberIn(facts, root.inputs[1]) !== 0.5)) return null;
  return root.inputs[0];
}

/** Whether a value is (x − mean x)². */
function isSquareOf(facts: GraphFacts, value: string, x: string): boolean {
  const square = facts.madeBy(value, "Pow", "Mul");
  if (square === null || centredInput(facts, square.inputs[0]) !== x) return false;
  if (square.op === "Pow") return numberIn(facts, square.inputs[1]) === 2;
  return centredInput(facts, square.inputs[1]) === x;
}

/** What a value is the mean of, over the last axis, which stays with a size of 1. */
function meanOverLast(facts: GraphFacts, value: string): string | null {
  const mean = facts.madeBy(value, "ReduceMean");
  const rank = mean === null ? undefined : facts.shape(mean.inputs[0])?.length;
  if (mean === null || rank === undefined || intOf(mean, "keepdims", 1) !== 1) return null;
  return facts.axes(mean, rank)?.join() === String(rank - 1) ? mean.inputs[0] : null;
}

/** The next operator, when it is the only reader and multiplies (adds) a trained row of the last axis. */
function affineAfter(facts: GraphFacts, node: Node, op: "Mul" | "Add", width: number) {
  const next = facts.onlyConsumer(node.outputs[0]);
  if (next?.op !== op || next.domain !== "") return null;
  for (const [input, other] of bothOrders(next)) {
    const row = input === node.outputs[0] ? facts.constant(other) : null;
    if (row?.dims.at(-1) === width && row.data.length === width && row.data instanceof Float32Array) {
      return { node: next, values: row.data };
    }
  }
  return null;
}

function numberIn(facts: GraphFacts, name: string): number | null {
  const value = facts.constant(name);
  return value !== null && value.data.length === 1 ? Number(value.data[0]) : null;
}

function bothOrders({ inputs: [a, b] }: Node): readonly (readonly [string, string])[] {
  return [
    [a, b],
    [b, a],
  ];
}
