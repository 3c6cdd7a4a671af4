import type { Constant, Graph } from "@quee/onnx-graph";
import type { Quantizer } from "../quantizers/quantizer.js";
import { linearSite } from "../search/linear-site.js";
import { matmulSite } from "../search/matmul-site.js";
import type { SearchSite } from "../search/search-site.js";
import type { CapturedSite } from "./capture-sites.js";
import { convOfCapture } from "./conv-of-capture.js";

/** A captured site, laid out for the search. */
export function siteOfCapture(
  graph: Pick<Graph, "nodes" | "initializers">,
  captured: CapturedSite,
  quantizer: Quantizer,
): SearchSite {
  switch (captured.site.kind) {
    case "matmul":
      return matmulOf(captured, quantizer);
    case "linear":
      return linearOf(graph, captured, quantizer);
    case "conv":
      return convOfCapture(graph, captured);
  }
}

function linearOf(
  graph: Pick<Graph, "nodes" | "initializers">,
  { site, inputs, output, gradient }: CapturedSite,
  inputQuantizer: Quantizer,
): SearchSite {
  const weight = graph.initializers.get(site.weight ?? "") as Constant;
  const [rows, columns] = weight.dims as [number, number];
  const data = weight.data as Float32Array;
  const bias = site.bias === null ? null : (graph.initializers.get(site.bias)?.data as Float32Array);
  const isIn = site.weightLayout === "in-out";
  const outputs = isIn ? columns : rows;
  const includesBias = graph.nodes.find(({ name }) => name === site.node)?.outputs[0] === site.output;
  return linearSite({
    name: site.node,
    input: inputs[0].data,
    weight: isIn ? swapLast(data, rows, columns) : data,
    bias,
    output: bias !== null && includesBias ? output.data.map((y, i) => y - bias[i % outputs]) : output.data,
    gradient: gradient.data,
    outputs,
    groups: site.groups,
    inputQuantizer,
  });
}

/** [N, H, M, K] × [N, H, K, P]; without a dimension of heads there is one. */
function matmulOf({ site, inputs, output, gradient }: CapturedSite, quantizer: Quantizer): SearchSite {
  const [left, right] = inputs;
  const heads = headsOf(left.shape);
  const [rows, inner] = left.shape.slice(-2) as [number, number];
  const columns = right.shape[right.shape.length - 1];
  const images = left.data.length / (heads * rows * inner);
  return matmulSite({
    name: site.node,
    left: headsFirst(left.data, images, heads),
    right: swapLast(headsFirst(right.data, images, heads), inner, columns),
    output: headsFirst(output.data, images, heads),
    gradient: headsFirst(gradient.data, images, heads),
    dims: [heads, images, rows, inner, columns],
    softmaxQuantizer: site.postSoftmax ? quantizer : null,
  });
}

/** How many heads a product of activations has. */
function headsOf(shape: readonly number[]): number {
  return shape.length === 4 ? shape[1] : 1;
}

function headsFirst(data: Float32Array, images: number, heads: number): Float32Array {
  if (heads === 1) return data;
  const size = data.length / (images * heads);
  const out = new Float32Array(data.length);
  for (let n = 0; n < images; n++) {
    for (let h = 0; h < heads; h++) {
      const from = (n * heads + h) * size;
      out.set(data.subarray(from, from + size), (h * images + n) * size);
    }
  }
  return out;
}

/** [.., R, C] → [.., C, R] */
function swapLast(data: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(data.length);
  const size = rows * columns;
  for (let from = 0; from < data.length; from += size) {
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) out[from + c * rows + r] = data[from + r * columns + c];
  }
  return out;
}
