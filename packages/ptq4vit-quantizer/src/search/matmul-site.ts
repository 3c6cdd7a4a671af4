import { QueeError } from "@quee/core";
import { type Quantizer, rangeOf } from "../quantizers/quantizer.js";
import { uniform } from "../quantizers/uniform-quantizer.js";
import { normalizedGradient } from "./normalized-gradient.js";
import type { Products } from "./products.js";
import { part, type SearchSite } from "./search-site.js";

export interface MatmulTensors {
  readonly name: string;
  /** [H, N, M, K]: heads first, so that a head is one contiguous part */
  readonly left: Float32Array;
  /** [H, N, P, K]: transposed, so that both factors are read along K */
  readonly right: Float32Array;
  /** [H, N, M, P] */
  readonly output: Float32Array;
  /** ∂L/∂output, [H, N, M, P] */
  readonly gradient: Float32Array;
  /** H, N, M, K, P */
  readonly dims: readonly [heads: number, images: number, rows: number, inner: number, columns: number];
  /** Set where the left factor comes from a softmax: one split for all heads, found with the right factor in float. */
  readonly softmaxQuantizer: Quantizer | null;
}

/** A product of two activations, one scale per head: the left factor is searched first. */
export function matmulSite(tensors: MatmulTensors): SearchSite {
  const { name, left, right, output, softmaxQuantizer } = tensors;
  const [heads, images, rows, inner, columns] = tensors.dims;
  const expected = [heads * images * rows * inner, heads * images * columns * inner, heads * images * rows * columns];
  if (left.length !== expected[0] || right.length !== expected[1] || output.length !== expected[2]) {
    throw new QueeError({
      code: "E_TENSOR_SHAPE",
      kind: "internal",
      where: `site "${name}"`,
      expected: `${expected.join(", ")} values`,
      got: `${left.length}, ${right.length}, ${output.length}`,
    });
  }
  const leftGroups = softmaxQuantizer === null ? heads : 1;
  const ranges = (data: Float32Array, groups: number) =>
    Array.from({ length: groups }, (_, g) => rangeOf(part(data, g, groups)));
  const whole: Products = {
    units: heads * images,
    rows,
    inner,
    columns,
    left,
    right,
    rightIsShared: false,
    target: output,
    gradient: normalizedGradient(tensors.gradient, `site "${name}"`),
    bias: null,
  };
  const cell = (h: number): Products => ({
    ...whole,
    units: images,
    left: part(left, h, heads),
    right: part(right, h, heads),
    target: part(whole.target, h, heads),
    gradient: part(whole.gradient, h, heads),
  });
  return {
    name,
    left: { data: left, quantizer: softmaxQuantizer ?? uniform, ranges: ranges(left, leftGroups), isShared: false },
    right: { data: right, quantizer: uniform, ranges: ranges(right, heads), isShared: false },
    steps: [
      // As in the public code, the split is found with the values in float.
      { side: "left", given: softmaxQuantizer === null ? "rounded" : "float" },
      { side: "right", given: "rounded" },
    ],
    whole,
    cells: Array.from({ length: heads }, (_, h) => cell(h)),
  };
}
