import { sizeOf } from "@quee/tensor";
import type { Constant, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { isStatic } from "../shapes/dims.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, makeNode } from "./graph-facts.js";

/**
 * A constant row put before the tokens of every image (Expand to the batch, then Concat) needs the batch size, and so a Shape.
 * Zero rows need none: the Concat becomes Pad, and the constant is added; where a constant is added next anyway (the position
 * embedding), into that one. x + 0 and 0 + c are exact.
 */
export const classTokenToConstant: GraphPass = {
  name: "class token to constant",
  apply: (graph) => {
    const facts = new GraphFacts(graph);
    const edit = new GraphEdit(graph);
    for (const node of graph.nodes) {
      const match = node.op === "Concat" && node.domain === "" ? matchToken(facts, node) : null;
      if (match === null) continue;
      const position = positionAfter(facts, node, match);
      const padded = position === null ? edit.fresh(`${node.outputs[0]}_padded`) : node.outputs[0];
      const pads = edit.integers(`${node.outputs[0]}_pads`, match.pads);
      edit.replace(node, makeNode("Pad", [match.tokens, pads], padded), ...sumOf(edit, node, match, position, padded));
      if (position === null) continue;
      const table = edit.constant(`${position.name}_with_token`, withRow(match, position.value));
      edit.replace(position.add, { ...position.add, inputs: [padded, table] });
    }
    return edit.apply();
  },
};

interface TokenMatch {
  readonly row: Constant;
  readonly tokens: string;
  readonly axis: number;
  readonly first: boolean;
  /** Shape of one image's tokens with the row, the batch as 1. */
  readonly shape: readonly number[];
  readonly pads: readonly number[];
}

/** Concat of Expand(constant) and tokens, in either order, whose first dimension is the batch. */
function matchToken(facts: GraphFacts, concat: Node): TokenMatch | null {
  const output = facts.shape(concat.outputs[0]);
  if (concat.inputs.length !== 2 || output === null || facts.known(concat.outputs[0]).dtype !== "float32") return null;
  const axis = (intOf(concat, "axis", 0) + output.length) % output.length;
  const shape = [1, ...output.slice(1)];
  const spreads = concat.inputs.map((name) => facts.madeBy(name, "Expand"));
  const at = spreads.findIndex((spread) => spread !== null && facts.constant(spread.inputs[0]) !== null);
  const row = at < 0 ? null : facts.constant((spreads[at] as Node).inputs[0]);
  if (row === null || axis === 0 || typeof output[0] === "number" || !isStatic(shape)) return null;
  // Only the batch was expanded.
  const size = row.dims[axis];
  const expected = shape.map((dim, i) => (i === axis ? size : dim));
  if (row.dims.length !== shape.length || row.dims.some((dim, i) => dim !== expected[i])) return null;
  const tokens = concat.inputs[1 - at];
  if (tokens === concat.inputs[at]) return null;
  const pads = Array<number>(2 * shape.length).fill(0);
  pads[at === 0 ? axis : axis + shape.length] = size;
  return { row, tokens, axis, first: at === 0, shape, pads };
}

interface Position {
  readonly add: Node;
  readonly name: string;
  readonly value: Constant;
}

/** The constant that is added to all tokens next. */
function positionAfter(facts: GraphFacts, concat: Node, { shape }: TokenMatch): Position | null {
  const add = facts.onlyConsumer(concat.outputs[0]);
  if (add?.op !== "Add" || add.domain !== "") return null;
  const [name] = add.inputs.filter((input) => input !== concat.outputs[0]);
  const value = name === undefined ? null : facts.constant(name);
  if (value === null || value.dims.join() !== shape.join()) return null;
  return { add, name, value };
}

function sumOf(
  edit: GraphEdit,
  concat: Node,
  match: TokenMatch,
  position: Position | null,
  padded: string,
): readonly Node[] {
  if (position !== null) return [];
  const table = edit.constant(`${concat.outputs[0]}_token`, withRow(match, null));
  return [{ ...makeNode("Add", [padded, table], concat.outputs[0]), name: concat.name }];
}

/** The constant of all tokens plus the row in its place. */
function withRow({ row, axis, first, shape }: TokenMatch, table: Constant | null): Constant {
  const data = new Float32Array(sizeOf(shape));
  if (table !== null) data.set(table.data as Float32Array);
  const width = sizeOf(shape.slice(axis + 1));
  const rows = row.dims[axis];
  const start = first ? 0 : shape[axis] - rows;
  for (let outer = 0; outer < sizeOf(shape.slice(0, axis)); outer++) {
    for (let i = 0; i < rows * width; i++) {
      data[(outer * shape[axis] + start) * width + i] += Number(row.data[outer * rows * width + i]);
    }
  }
  return { dtype: "float32", dims: shape, data };
}
