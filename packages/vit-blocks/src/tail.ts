import type { Node } from "@quee/onnx-graph";
import { say, unlikeVit } from "./anatomy-error.js";
import { type GraphIndex, intAttribute, numberOf } from "./graph-index.js";
import { isPostNorm } from "./layer-residual.js";
import { normAt } from "./norms.js";
import { residualAt } from "./residual.js";

/** What a network keeps of its tokens for its head. */
export type Pooling =
  | { readonly kind: "token"; readonly index: number }
  /** Tokens `from` … `to` − 1. */
  | { readonly kind: "mean"; readonly from: number; readonly to: number };

/** What stands between the last layer and the head. */
export interface TailReading {
  /** Tokens leaving the last layer, [B, T, D]. */
  readonly stream: string;
  /** Side by side in the features, D each. */
  readonly pooling: readonly Pooling[];
}

/** Operators that only lay the same numbers out in another shape. */
const LAYOUT = new Set(["Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity"]);

/**
 * From the features of a head up to the tokens of the last layer: norms, and the choice of a token or the mean of tokens, in
 * either order; or several such side by side.
 * @param features [B, n·D]
 */
export function readTail(index: GraphIndex, features: string): TailReading {
  let value = features;
  let pooling: Pooling | undefined;
  for (;;) {
    if (pooling !== undefined && isLayerOutput(index, value)) break;
    const node = index.producer(value);
    if (node === undefined) break;
    const norm = normAt(index, value);
    const next = pooling === undefined ? pooled(index, node) : narrowed(index, node, pooling);
    if (norm !== null) value = norm.input;
    else if (next !== null) {
      pooling = next;
      value = node.inputs[0] as string;
    } else if (node.op === "Concat" && pooling === undefined) return sideBySide(index, node);
    else if (isLaidOut(index, node, pooling)) value = node.inputs[0] as string;
    else break;
  }
  if (pooling === undefined) {
    const expected = "the choice of one token or a mean of tokens before the head";
    throw unlikeVit("pooling", expected, say(index.producer(value)));
  }
  return { stream: value, pooling: [withEnd(index, pooling, value)] };
}

/** Whether an operator only lays out what is pooled or going to be; what lays out the tokens themselves is stem. */
function isLaidOut(index: GraphIndex, node: Node, pooling: Pooling | undefined): boolean {
  const shape = index.shape(node.outputs[0] as string);
  const isOfTokens = pooling !== undefined && shape?.length === 3 && shape[1] !== 1;
  return isOfTokens ? isTokensLast(node) : LAYOUT.has(node.op);
}

/** The sum of a residual layer, or the norm behind it in a post-norm network: not a norm that belongs to the head. */
function isLayerOutput(index: GraphIndex, value: string): boolean {
  return residualAt(index, value) !== null || isPostNorm(index, value);
}

/** Class token and mean of the others, as DINOv2's classifier reads them, or class and distillation token. */
function sideBySide(index: GraphIndex, concat: Node): TailReading {
  const parts = concat.inputs.map((input) => readTail(index, input));
  const [first, ...others] = parts as [TailReading, ...TailReading[]];
  const stray = others.find(({ stream }) => stream !== first.stream);
  if (stray !== undefined) {
    throw unlikeVit(`features "${concat.outputs[0]}"`, `parts of the tokens "${first.stream}"`, `"${stray.stream}"`);
  }
  return { stream: first.stream, pooling: parts.flatMap(({ pooling }) => pooling) };
}

/** What an operator along axis 1 keeps of the tokens. */
function pooled(index: GraphIndex, node: Node): Pooling | null {
  if (node.op === "Gather" && intAttribute(node, "axis", 0) === 1) {
    const token = numberOf(index.constant(node.inputs[1] as string));
    return token === undefined ? null : { kind: "token", index: fromFront(index, node, token) };
  }
  if (node.op === "Slice") {
    const range = sliceOfTokens(index, node);
    return range !== null && range.to === range.from + 1 ? { kind: "token", index: range.from } : null;
  }
  return node.op === "ReduceMean" && reducesTokens(index, node)
    ? { kind: "mean", from: 0, to: Number.POSITIVE_INFINITY }
    : null;
}

/** The mean of a slice of the tokens. */
function narrowed(index: GraphIndex, node: Node, pooling: Pooling): Pooling | null {
  const range = node.op === "Slice" && pooling.kind === "mean" ? sliceOfTokens(index, node) : null;
  return range === null ? null : { kind: "mean", ...range };
}

function withEnd(index: GraphIndex, pooling: Pooling, stream: string): Pooling {
  const tokens = index.shape(stream)?.[1];
  if (pooling.kind === "token" || Number.isFinite(pooling.to) || typeof tokens !== "number") return pooling;
  return { ...pooling, to: tokens };
}

function sliceOfTokens(index: GraphIndex, node: Node): { readonly from: number; readonly to: number } | null {
  const [, start, end, axis, step = 1] = node.inputs.map((name) => numberOf(index.constant(name)));
  const tokens = index.shape(node.inputs[0] as string)?.[1];
  if (axis !== 1 || start === undefined || end === undefined || step !== 1 || typeof tokens !== "number") return null;
  return { from: fromFront(index, node, start), to: Math.min(end < 0 ? end + tokens : end, tokens) };
}

function fromFront(index: GraphIndex, node: Node, token: number): number {
  const tokens = index.shape(node.inputs[0] as string)?.[1];
  return token < 0 && typeof tokens === "number" ? token + tokens : token;
}

function reducesTokens(index: GraphIndex, node: Node): boolean {
  const [input = "", second = ""] = node.inputs;
  const attribute = node.attributes.get("axes");
  const axes = attribute?.kind === "ints" ? attribute.value : Array.from(index.constant(second)?.data ?? [], Number);
  if (index.shape(input)?.length !== 3 || axes.length !== 1) return false;
  const transposed = index.producer(input);
  const tokens = transposed !== undefined && isTokensLast(transposed) ? 2 : 1;
  return axes[0] === tokens || axes[0] === tokens - 3;
}

/** [B, T, D] as [B, D, T], the way a global pooling wants it. */
function isTokensLast(node: Node): boolean {
  const perm = node.op === "Transpose" ? node.attributes.get("perm") : undefined;
  return perm?.kind === "ints" && perm.value.join() === "0,2,1";
}
