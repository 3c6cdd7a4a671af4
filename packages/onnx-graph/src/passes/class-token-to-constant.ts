import { sizeOf } from "@quee/tensor";
import type { Constant, Dim, Node } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { isStatic } from "../shapes/dims.js";
import { GraphEdit } from "./graph-edit.js";
import { GraphFacts, intOf, makeNode } from "./graph-facts.js";

/**
 * A constant row put before the tokens of every image (Expand to the batch, then Concat) needs the batch size, and so a Shape;
 * exported for a fixed batch it is a constant of that size. Zero rows need none: the Concat becomes Pad, and the constant is
 * added; where a constant is added next anyway (the position embedding), into that one. x + 0 and 0 + c are exact.
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
      const table = edit.constant(`${position.name}_with_token`, withRows(match, position.value));
      edit.replace(position.add, { ...position.add, inputs: [padded, table] });
    }
    return edit.apply();
  },
};

interface TokenMatch {
  /** Constants of the rows, and where along the axis they go. */
  readonly rows: readonly { readonly value: Constant; readonly start: number }[];
  readonly tokens: string;
  readonly axis: number;
  /** Shape of one image's tokens with the rows, the batch as 1. */
  readonly shape: readonly number[];
  readonly pads: readonly number[];
}

/** Concat of tokens and constants that are the same for every image (class token, distillation token); the batch comes first. */
function matchToken(facts: GraphFacts, concat: Node): TokenMatch | null {
  const output = facts.shape(concat.outputs[0]);
  if (output === null || facts.known(concat.outputs[0]).dtype !== "float32") return null;
  const axis = (intOf(concat, "axis", 0) + output.length) % output.length;
  const shape = [1, ...output.slice(1)];
  if (axis === 0 || !isStatic(shape)) return null;
  const constants = concat.inputs.map((name) => rowOf(facts, name, output, axis));
  const at = constants.indexOf(null);
  if (at < 0 || constants.length < 2 || constants.filter((value) => value === null).length > 1) return null;
  const size = (values: readonly (Constant | null)[]) =>
    values.reduce((sum, value) => sum + (value?.dims[axis] ?? 0), 0);
  const after = shape[axis] - size(constants.slice(at + 1));
  const rows = constants.flatMap((value, i) => {
    const start = i < at ? size(constants.slice(0, i)) : after + size(constants.slice(at + 1, i));
    return value === null ? [] : [{ value, start }];
  });
  const pads = Array<number>(2 * shape.length).fill(0);
  pads[axis] = size(constants.slice(0, at));
  pads[axis + shape.length] = size(constants.slice(at + 1));
  return { rows, tokens: concat.inputs[at], axis, shape, pads };
}

/** The constant that every image gets in front of (or behind) its tokens, with a batch of 1; only the batch was expanded. */
function rowOf(facts: GraphFacts, name: string, output: readonly Dim[], axis: number): Constant | null {
  const [batch] = output;
  const onZeros = rowOnZeros(facts, name);
  if (onZeros !== null) return onZeros;
  const spread = facts.madeBy(name, "Expand");
  const row = spread === null ? facts.constant(name) : facts.constant(spread.inputs[0]);
  const images = spread === null ? batch : 1;
  if (row === null || typeof images !== "number" || (spread !== null && typeof batch === "number")) return null;
  const fits = row.dims.every((dim, i) => dim === (i === 0 ? images : i === axis ? dim : output[i]));
  if (!fits || row.dims.length !== output.length) return null;
  const data = row.data.slice(0, row.data.length / images);
  const alike = row.data.every((value: number | bigint, i: number) => value === data[i % data.length]);
  return alike ? { dtype: row.dtype, dims: [1, ...row.dims.slice(1)], data } : null;
}

/** CLIP's way of spreading its class token: a row [D] added to zeros of [batch, 1, D]. */
function rowOnZeros(facts: GraphFacts, name: string): Constant | null {
  const sum = facts.madeBy(name, "Add");
  const zeros = sum?.inputs.find((input) => facts.madeBy(input, "ConstantOfShape") !== null);
  const row = facts.constant(sum?.inputs.find((input) => input !== zeros) ?? "");
  const shape = facts.shape(name);
  if (zeros === undefined || row === null || shape?.length !== 3 || shape[1] !== 1) return null;
  const fill = facts.producers.get(zeros)?.attributes.get("value");
  const isZero = fill === undefined || (fill.kind === "tensor" && Number(fill.value.data[0]) === 0);
  if (!isZero || shape[2] !== row.data.length || row.dims.at(-1) !== row.data.length) return null;
  return { ...row, dims: [1, 1, row.data.length] };
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
  const table = edit.constant(`${concat.outputs[0]}_token`, withRows(match, null));
  return [{ ...makeNode("Add", [padded, table], concat.outputs[0]), name: concat.name }];
}

/** The constant of all tokens plus the rows in their places. */
function withRows({ rows, axis, shape }: TokenMatch, table: Constant | null): Constant {
  const data = new Float32Array(sizeOf(shape));
  if (table !== null) data.set(table.data as Float32Array);
  const width = sizeOf(shape.slice(axis + 1));
  for (const { value, start } of rows) {
    const size = value.dims[axis] * width;
    for (let outer = 0; outer < sizeOf(shape.slice(0, axis)); outer++) {
      for (let i = 0; i < size; i++) {
        data[(outer * shape[axis] + start) * width + i] += Number(value.data[outer * size + i]);
      }
    }
  }
  return { dtype: "float32", dims: shape, data };
}
