import type { Node } from "@quee/onnx-graph";
import { type GraphIndex, intAttribute, numberOf } from "./graph-index.js";

/**
 * Into how many stacked parts the readers of a linear layer's output cut it, e.g. 3 for keys, queries and values; 1 where it is
 * read as a whole. @param value [B, T, parts·d]
 */
export function stackedParts(index: GraphIndex, value: string): number {
  const readers = index.consumers(value);
  const split = readers.find(({ op }) => op === "Split");
  if (split !== undefined && isLastAxis(index, split, value)) return split.outputs.length;
  const starts = readers.filter(({ op }) => op === "Slice").map((node) => sliceStart(index, node, value));
  const distinct = new Set(starts.filter((start) => start !== undefined)).size;
  if (distinct > 1) return distinct;
  return partsOfStack(index, readers);
}

/** Reshape to [B, T, parts, heads, d], Transpose, then one Gather (or Slice, or Split output) per part. */
function partsOfStack(index: GraphIndex, readers: readonly Node[]): number {
  if (readers.length !== 1 || readers[0]?.op !== "Reshape") return 1;
  const transposes = index.consumers(readers[0].outputs[0] as string);
  if (transposes.length !== 1 || transposes[0]?.op !== "Transpose") return 1;
  const picks = index.consumers(transposes[0].outputs[0] as string);
  if (picks[0]?.op === "Split") return picks[0].outputs.length;
  return picks.length > 1 && picks.every(({ op }) => op === "Gather" || op === "Slice") ? picks.length : 1;
}

function isLastAxis(index: GraphIndex, node: Node, value: string): boolean {
  const axis = intAttribute(node, "axis", 0);
  return axis === -1 || axis === (index.shape(value)?.length ?? 0) - 1;
}

function sliceStart(index: GraphIndex, node: Node, value: string): number | undefined {
  const [, starts, , axes] = node.inputs.map((name) => numberOf(index.constant(name)));
  const rank = index.shape(value)?.length ?? 0;
  return axes === -1 || axes === rank - 1 ? starts : undefined;
}
