import type { Dim } from "../graph.js";
import { overDim, showShape, sizeOfShape } from "../shapes/dims.js";
import type { Call } from "./call.js";

/**
 * The shape that a Reshape gives: 0 copies a dimension (unless `allowzero`), −1 takes what is left. Copied dimensions cancel,
 * so an unknown batch does not hide the rest.
 */
export function reshapedShape(call: Call): readonly Dim[] | null {
  const shape = call.shape(0);
  const target = call.ints("shape") ?? call.elements(1);
  if (target === null) {
    const rank = call.shape(1)?.[0];
    return typeof rank === "number" ? Array<Dim>(rank).fill(null) : null;
  }
  const copies = call.int("allowzero", 0) === 0;
  const copied = new Set(copies ? target.flatMap((dim, i) => (dim === 0 ? [i] : [])) : []);
  if (shape !== null && [...copied].some((i) => i >= shape.length)) {
    throw call.mismatch(`dimensions to copy from ${showShape(shape)}`, showShape(target));
  }
  const out = target.map((dim, i): Dim => (copied.has(i) ? (shape?.[i] ?? null) : dim));
  const open = out.flatMap((dim, i) => (!copied.has(i) && (dim === -1 || dim === null) ? [i] : []));
  const rest = shape === null ? null : sizeOfShape(shape.filter((_, i) => !copied.has(i)));
  const fixed = sizeOfShape(out.filter((_, i) => !copied.has(i) && !open.includes(i)));
  if (open.length === 1) out[open[0]] = overDim(rest, fixed);
  else for (const i of open) out[i] = null;
  const filled = sizeOfShape(out.filter((_, i) => !copied.has(i)));
  const impossible = open.length === 0 ? filled : open.length === 1 && out[open[0]] === null ? fixed : null;
  if (typeof rest === "number" && typeof impossible === "number" && rest !== impossible) {
    throw call.mismatch(`${rest} elements of ${showShape(shape)}`, showShape(target));
  }
  return out;
}
