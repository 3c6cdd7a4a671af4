import type { Graph } from "@quee/onnx-graph";
import type { GraphIndex } from "./graph-index.js";
import type { LayerReading } from "./layers.js";
import { linearSite, matmulSite, type Site } from "./site.js";
import { stemSites } from "./stem.js";
import { readTrunk } from "./trunk.js";

/**
 * Every site of a network or of one of its blocks, in the order in which they run. By structure alone; norms, softmax, GELU,
 * residuals, and the products inside a performer are none.
 */
export function quantizableSites(graph: Graph): readonly Site[] {
  const { index, layers, head } = readTrunk(graph);
  const inLayers = new Set(layers.flatMap(({ nodes }) => [...nodes]));
  const heads = head?.linears ?? [];
  const stem = graph.nodes.filter((node) => !inLayers.has(node) && !heads.some((linear) => linear.node === node));
  return [
    ...stemSites(index, stem),
    ...layers.flatMap((layer, i) => layerSites(index, layer, i + 1)),
    ...heads.map((linear) => linearSite(index, linear, "head", null)),
  ];
}

function layerSites(index: GraphIndex, { attention, fc1, fc2 }: LayerReading, layer: number): readonly Site[] {
  return [
    ...attention.qkv.map(({ linear, parts }) => linearSite(index, linear, "qkv", layer, parts)),
    matmulSite(index, attention.scores, "scores", layer),
    matmulSite(index, attention.context, "context", layer),
    linearSite(index, attention.projection, "projection", layer),
    linearSite(index, fc1, "fc1", layer),
    linearSite(index, fc2, "fc2", layer),
  ];
}
