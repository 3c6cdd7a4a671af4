import type { Node } from "@quee/onnx-graph";
import { type Tensor, tensor } from "@quee/tensor";
import { unlikeVit } from "./anatomy-error.js";
import { type GraphIndex, numberOf } from "./graph-index.js";
import type { Linear } from "./linears.js";

/** A linear classifier. */
export interface Head {
  /** [F, K]: F is the width of the features. */
  readonly weight: Tensor;
  /** [K] */
  readonly bias: Tensor;
}

/** The classifiers that make the logits: one, or those of class and distillation token, whose mean they are. */
export interface HeadReading {
  readonly linears: readonly Linear[];
  /** Operators that average. */
  readonly averaging: readonly Node[];
}

/** null where the output is no linear layer: a block that ends in features. */
export function readHead(index: GraphIndex, linears: ReadonlyMap<string, Linear>, output: string): HeadReading | null {
  const single = linears.get(output);
  if (single !== undefined) return { linears: [single], averaging: [] };
  const scaling = index.producer(output);
  const sum = index.producer(scaling?.inputs[0] ?? "");
  const heads = sum?.op === "Add" ? sum.inputs.map((input) => linears.get(input)) : [];
  const [first, second] = heads;
  const factor = numberOf(index.constant(scaling?.inputs[1] ?? ""));
  const isHalf = (scaling?.op === "Div" && factor === 2) || (scaling?.op === "Mul" && factor === 0.5);
  if (!isHalf || first === undefined || second === undefined) return null;
  return { linears: [first, second], averaging: [sum as Node, scaling as Node] };
}

/** The one classifier of the features side by side that gives the mean of the given ones. */
export function mergedHead(index: GraphIndex, { linears }: HeadReading): Head {
  const classes = (linears[0] as Linear).to;
  const share = 1 / linears.length;
  const rows = linears.reduce((sum, { from }) => sum + from, 0);
  const weight = new Float32Array(rows * classes);
  const bias = new Float32Array(classes);
  let at = 0;
  for (const linear of linears) {
    weight.set(
      inOut(floats(index, linear.weight), linear).map((value) => value * share),
      at,
    );
    at += linear.from * classes;
    const own = linear.bias === null ? null : floats(index, linear.bias);
    for (let k = 0; k < classes; k++) bias[k] = (bias[k] as number) + (own?.[k] ?? 0) * share;
  }
  return { weight: tensor([rows, classes], weight), bias: tensor([classes], bias) };
}

/** Weights as [from, to]. */
function inOut(values: Float32Array, { layout, from, to }: Linear): Float32Array {
  if (layout === "in-out") return values;
  return values.map((_, i) => values[(i % to) * from + Math.floor(i / to)] as number);
}

function floats(index: GraphIndex, name: string): Float32Array {
  const data = index.constant(name)?.data;
  if (!(data instanceof Float32Array))
    throw unlikeVit(`weights "${name}"`, "float32", index.constant(name)?.dtype ?? "none");
  return data;
}
