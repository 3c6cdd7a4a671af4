import type { Node } from "@quee/onnx-graph";
import { say, unlikeVit } from "./anatomy-error.js";
import type { GraphIndex } from "./graph-index.js";
import type { Linear } from "./linears.js";

/** softmax(Q·Kᵀ·scale)·V, projected. */
export interface Attention {
  /** One stacked linear layer, or several that make queries, keys and values apart. */
  readonly qkv: readonly { readonly linear: Linear; readonly parts: number }[];
  readonly scores: Node;
  readonly context: Node;
  readonly projection: Linear;
  /** d: width of one head. */
  readonly headWidth: number;
}

/** Operators that move numbers without changing them. */
const MOVEMENT = new Set(["Reshape", "Transpose", "Slice", "Gather", "Split", "Squeeze", "Unsqueeze", "Identity"]);
/** Some networks norm queries and keys per head. */
const MOVEMENT_OR_NORM = new Set([...MOVEMENT, "LayerNormalization"]);
/** With one constant operand these scale, shift or mask. */
const POINTWISE = new Set(["Mul", "Div", "Add"]);

/** Attention around a softmax. */
export function readAttention(index: GraphIndex, linears: ReadonlyMap<string, Linear>, softmax: Node): Attention {
  const where = `attention of Softmax "${softmax.name}"`;
  const scoresValue = walkUp(index, softmax.inputs[0] as string, new Set());
  const scores = index.producer(scoresValue);
  if (scores?.op !== "MatMul" || isConstantProduct(index, scores)) {
    throw unlikeVit(where, "a MatMul of queries and keys before the softmax", say(scores));
  }
  const probabilities = softmax.outputs[0] as string;
  const readers = index.consumers(probabilities);
  const context = readers.find(({ op, inputs }) => op === "MatMul" && inputs[0] === probabilities);
  if (context === undefined) throw unlikeVit(where, "a MatMul with the values behind the softmax", say(readers[0]));
  const sources = [scores.inputs[0], scores.inputs[1], context.inputs[1]].map((operand, i) => {
    const value = walkUp(index, operand as string, MOVEMENT_OR_NORM, linears);
    const linear = linears.get(value);
    if (linear === undefined) {
      throw unlikeVit(
        where,
        `a linear layer that makes the ${["queries", "keys", "values"][i]}`,
        say(index.producer(value)),
      );
    }
    return linear;
  });
  const headWidth = index.shape(scores.inputs[0] as string)?.at(-1);
  if (typeof headWidth !== "number") throw unlikeVit(where, "queries of a known width", String(headWidth));
  const qkv = [...new Set(sources)].map((linear) => ({ linear, parts: sources.filter((s) => s === linear).length }));
  return { qkv, scores, context, projection: projectionAfter(index, linears, context, where), headWidth };
}

function projectionAfter(
  index: GraphIndex,
  linears: ReadonlyMap<string, Linear>,
  context: Node,
  where: string,
): Linear {
  let value = context.outputs[0] as string;
  for (;;) {
    const node = index.consumers(value)[0];
    const projection = [...linears.values()].find((linear) => linear.node === node);
    if (projection !== undefined) return projection;
    if (node === undefined || !MOVEMENT.has(node.op)) {
      throw unlikeVit(where, "a linear projection behind the attention", say(node));
    }
    value = node.outputs[0] as string;
  }
}

/** Up through scaling by constants and the given operators, until something else (or one of the `stops`) makes the value. */
function walkUp(
  index: GraphIndex,
  from: string,
  through: ReadonlySet<string>,
  stops?: ReadonlyMap<string, unknown>,
): string {
  let value = from;
  for (;;) {
    if (stops?.has(value) === true) return value;
    const node = index.producer(value);
    if (node === undefined) return value;
    const variable = node.inputs.filter((name) => name !== "" && index.constant(name) === undefined);
    if (POINTWISE.has(node.op) && variable.length === 1) value = variable[0] as string;
    else if (through.has(node.op)) value = node.inputs[0] as string;
    else return value;
  }
}

function isConstantProduct(index: GraphIndex, node: Node): boolean {
  return node.inputs.some((name) => index.constant(name) !== undefined);
}
