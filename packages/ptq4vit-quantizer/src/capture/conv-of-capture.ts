import type { Constant, Graph, Node } from "@quee/onnx-graph";
import { type ConvTensors, type ConvWindow, convSite } from "../search/conv-site.js";
import type { SearchSite } from "../search/search-site.js";
import type { CapturedSite } from "./capture-sites.js";

/** A captured 2-D convolution, laid out for the search. */
export function convOfCapture(
  graph: Pick<Graph, "nodes" | "initializers">,
  { site, inputs, output, gradient }: CapturedSite,
): SearchSite {
  const node = graph.nodes.find(({ name }) => name === site.node) as Node;
  const weight = graph.initializers.get(site.weight ?? "") as Constant;
  const bias = site.bias === null ? null : (graph.initializers.get(site.bias)?.data as Float32Array);
  const [pixels] = inputs;
  const inputShape = pixels.shape as ConvTensors["inputShape"];
  const outputShape = output.shape as ConvTensors["outputShape"];
  const [, outputs, height, width] = outputShape;
  return convSite({
    name: site.node,
    input: pixels.data,
    inputShape,
    weight: weight.data as Float32Array,
    bias,
    output:
      bias === null ? output.data : output.data.map((y, i) => y - bias[Math.floor(i / (height * width)) % outputs]),
    outputShape,
    gradient: gradient.data,
    window: windowOf(node, weight.dims.slice(2) as [number, number], inputShape, outputShape),
  });
}

function windowOf(
  node: Node,
  kernel: readonly [number, number],
  inputShape: ConvTensors["inputShape"],
  outputShape: ConvTensors["outputShape"],
): ConvWindow {
  const pair = (name: string, otherwise: number): readonly [number, number] => {
    const attribute = node.attributes.get(name);
    return attribute?.kind === "ints" ? (attribute.value.slice(0, 2) as [number, number]) : [otherwise, otherwise];
  };
  const strides = pair("strides", 1);
  const dilations = pair("dilations", 1);
  const auto = node.attributes.get("auto_pad")?.value ?? "NOTSET";
  // SAME: as much padding as the output needs, the odd one after (UPPER) or before (LOWER).
  const same = (axis: 0 | 1) => {
    const reach = (outputShape[2 + axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1;
    const total = Math.max(0, reach - inputShape[2 + axis]);
    return auto === "SAME_LOWER" ? Math.ceil(total / 2) : Math.floor(total / 2);
  };
  const group = node.attributes.get("group")?.value;
  return {
    kernel,
    strides,
    dilations,
    padsBefore: auto === "VALID" ? [0, 0] : auto === "NOTSET" ? pair("pads", 0) : [same(0), same(1)],
    groups: typeof group === "number" ? group : 1,
  };
}
