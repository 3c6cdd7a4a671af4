import type { Dim } from "../graph.js";
import { broadcastDim } from "../shapes/dims.js";
import type { Call } from "./call.js";

/** An einsum equation. Labels are single letters; "..." is kept as one label. */
export interface Equation {
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** null when the text is no equation. Without "->" the output is the labels that occur once, sorted, after the ellipsis. */
export function parseEquation(text: string): Equation | null {
  const [left, right, ...rest] = text.replaceAll(" ", "").split("->");
  if (rest.length > 0) return null;
  const labelsOf = (term: string) => term.match(/\.\.\.|[A-Za-z]/g) ?? [];
  const terms = left.split(",");
  const output = right ?? implicitOutput(labelsOf(left));
  const parsed = { terms: terms.map(labelsOf), output: labelsOf(output) };
  const exact = [...terms, output].every((term) => labelsOf(term).join("") === term);
  return exact ? parsed : null;
}

function implicitOutput(labels: readonly string[]): string {
  const once = labels.filter((label) => label !== "..." && labels.indexOf(label) === labels.lastIndexOf(label));
  return (labels.includes("...") ? "..." : "") + once.sort().join("");
}

/** The shape of an Einsum's output. */
export function einsumShape(call: Call): readonly Dim[] | null {
  const equation = parseEquation(call.text("equation", ""));
  if (equation === null) return null;
  const dims = new Map<string, Dim>();
  let ellipsis: readonly Dim[] = [];
  for (const [i, term] of equation.terms.entries()) {
    const shape = call.shape(i);
    if (shape === null) return null;
    const extra = shape.length - term.filter((label) => label !== "...").length;
    if (extra < 0 || (extra > 0 && !term.includes("..."))) {
      throw call.mismatch(`rank ${term.length} for the term "${term.join("")}"`, String(shape.length));
    }
    let axis = 0;
    for (const label of term) {
      if (label === "...") {
        ellipsis = call.broadcastOf([ellipsis, shape.slice(axis, axis + extra)]) ?? [];
        axis += extra;
        continue;
      }
      const dim = shape[axis++];
      const known = dims.get(label);
      const joined = known === undefined ? dim : broadcastDim(known, dim);
      if (joined === undefined) throw call.mismatch(`one size for the label "${label}"`, `${known} and ${dim}`);
      dims.set(label, joined);
    }
  }
  return equation.output.flatMap((label) => (label === "..." ? ellipsis : [dims.get(label) ?? null]));
}
