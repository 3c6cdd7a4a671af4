import { QueeError } from "@quee/core";
import { type Quantizer, rangeOf } from "../quantizers/quantizer.js";
import { uniform } from "../quantizers/uniform-quantizer.js";
import { normalizedGradient } from "./normalized-gradient.js";
import type { Products } from "./products.js";
import { part, type SearchSite } from "./search-site.js";

export interface LinearTensors {
  readonly name: string;
  /** [R, K] */
  readonly input: Float32Array;
  /** [P, K], one row per output feature */
  readonly weight: Float32Array;
  /** [P] */
  readonly bias: Float32Array | null;
  /** Without the bias, [R, P]. */
  readonly output: Float32Array;
  /** ∂L/∂output, [R, P] */
  readonly gradient: Float32Array;
  readonly outputs: number;
  /** Equal blocks of output features that take a scale each. */
  readonly groups: number;
  readonly inputQuantizer: Quantizer;
}

/** A linear layer: weights are searched first, then the input. */
export function linearSite(tensors: LinearTensors): SearchSite {
  const { name, input, weight, bias, output, outputs, groups } = tensors;
  const inner = weight.length / outputs;
  const units = input.length / inner;
  if (
    !Number.isInteger(inner) ||
    !Number.isInteger(units) ||
    output.length !== units * outputs ||
    outputs % groups !== 0
  ) {
    throw new QueeError({
      code: "E_TENSOR_SHAPE",
      kind: "internal",
      where: `site "${name}"`,
      expected: `input [R, K], weight [${outputs}, K], output [R, ${outputs}]`,
      got: `${input.length}, ${weight.length} and ${output.length} values`,
    });
  }
  const whole: Products = {
    units,
    rows: 1,
    inner,
    columns: outputs,
    left: input,
    right: weight,
    rightIsShared: true,
    target: output,
    gradient: normalizedGradient(tensors.gradient, `site "${name}"`),
    bias,
  };
  return {
    name,
    left: { data: input, quantizer: tensors.inputQuantizer, ranges: [rangeOf(input)], isShared: true },
    right: {
      data: weight,
      quantizer: uniform,
      ranges: Array.from({ length: groups }, (_, g) => rangeOf(part(weight, g, groups))),
      isShared: false,
    },
    steps: [
      { side: "right", given: "rounded" },
      { side: "left", given: "rounded" },
    ],
    whole,
    cells: groups === 1 ? [whole] : Array.from({ length: groups }, (_, g) => columnsOf(whole, g, groups)),
  };
}

function columnsOf(whole: Products, index: number, count: number): Products {
  const columns = whole.columns / count;
  const cut = (values: Float32Array) => {
    const out = new Float32Array(whole.units * columns);
    for (let u = 0; u < whole.units; u++) {
      const from = u * whole.columns + index * columns;
      out.set(values.subarray(from, from + columns), u * columns);
    }
    return out;
  };
  return {
    ...whole,
    columns,
    right: part(whole.right, index, count),
    target: cut(whole.target),
    gradient: cut(whole.gradient),
    bias: whole.bias === null ? null : part(whole.bias, index, count),
  };
}
