import { QueeError } from "@quee/core";
import type { Dim, Graph, ValueInfo } from "../graph.js";
import type { GraphPass } from "../graph-pass.js";
import { inferKnown } from "../infer-shapes.js";
import { GraphFacts, intsOf } from "./graph-facts.js";

/** Patches along one side of an image: 64 are 1024 pixels in patches of 16. */
const mostPatches = 64;

/**
 * Exporters like Optimum leave channels, height and width open although the network takes one size only: its convolution says
 * the channels and the stride, its position embedding how many patches there are. Where exactly one square size fits, the input
 * gets it.
 */
export const fixImageSize: GraphPass = {
  name: "image size fixing",
  apply: (graph) => {
    const [image, ...others] = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
    if (image === undefined || others.length > 0 || !isOpenImage(image)) return graph;
    const patches = patchConvolution(graph, image);
    if (patches === null) return graph;
    const sized = (side: number) => withShape(graph, image, [image.shape[0], patches.channels, side, side]);
    const fitting: Graph[] = [];
    // One patch would fit any position embedding by broadcasting.
    for (let count = 2; count <= mostPatches && fitting.length < 2; count++) {
      const candidate = sized(count * patches.stride);
      if (fits(candidate)) fitting.push(candidate);
    }
    const [only, another] = fitting;
    return only !== undefined && another === undefined ? only : graph;
  },
};

interface OpenImage extends ValueInfo {
  readonly shape: readonly [Dim, Dim, Dim, Dim];
}

function isOpenImage(info: ValueInfo): info is OpenImage {
  return info.shape?.length === 4 && info.shape.slice(2).some((dim) => typeof dim !== "number");
}

/** The square convolution that reads the image. */
function patchConvolution(
  graph: Graph,
  image: ValueInfo,
): { readonly channels: number; readonly stride: number } | null {
  const facts = new GraphFacts(graph);
  const conv = facts.consumers.get(image.name)?.find(({ op, domain }) => op === "Conv" && domain === "");
  if (conv === undefined) return null;
  const kernel = facts.constant(conv.inputs[1]);
  const strides = intsOf(conv, "strides");
  if (kernel === null || strides === null || strides[0] !== strides[1]) return null;
  return { channels: kernel.dims[1], stride: strides[0] };
}

function withShape(graph: Graph, image: ValueInfo, shape: readonly Dim[]): Graph {
  return { ...graph, inputs: graph.inputs.map((info) => (info.name === image.name ? { ...info, shape } : info)) };
}

function fits(graph: Graph): boolean {
  try {
    inferKnown(graph);
    return true;
  } catch (error) {
    if (error instanceof QueeError) return false;
    throw error;
  }
}
