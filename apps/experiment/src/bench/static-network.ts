import { type Bits, QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import type { WeightType } from "@quee/onnx-session";
import { type BlockEncodings, fakeQuantizeGraph, integerGraph } from "@quee/ptq4vit-quantizer";
import { quantizableSites, type Site } from "@quee/vit-blocks";
import type { BlockSource } from "../export/networks.js";

/** The whole network at one bit-width, stem too, in one session: what adaptive inference has to beat. */
export function staticNetwork(
  graph: Graph,
  encodings: BlockSource["encodings"],
  bits: Bits,
  { arithmetic, weights }: { readonly arithmetic: "integer" | "fake-quant"; readonly weights: WeightType },
): Graph {
  const quantized = { bits, sites: sitesOfWhole(quantizableSites(graph), encodings, bits) };
  return arithmetic === "integer" ? integerGraph(graph, quantized, { weights }) : fakeQuantizeGraph(graph, quantized);
}

/** Blocks were cut from the whole, so their products bear its names; only the last head was put on anew. */
function sitesOfWhole(
  sites: readonly Site[],
  encodings: BlockSource["encodings"],
  bits: Bits,
): BlockEncodings["sites"] {
  const ofLevel = encodings.filter((one) => one.bits === bits).toSorted((a, b) => a.block - b.block);
  const byNode = new Map(ofLevel.flatMap((one) => one.sites).map((site) => [site.node, site]));
  const lastHead = ofLevel.at(-1)?.sites.find(({ role }) => role === "head");
  return sites.map((site) => {
    const found = site.role === "head" ? lastHead : byNode.get(site.node);
    if (found === undefined) {
      const expected = `scales of ${site.node} at ${bits} bits`;
      throw new QueeError({ code: "E_ENCODINGS", kind: "artifact", where: "encodings.json", expected, got: "none" });
    }
    const values = site.kind === "matmul" ? site.activations : [...site.activations, site.weight ?? ""];
    const operands = found.operands.map((operand) => ({ ...operand, value: values[operand.input] ?? operand.value }));
    return { ...found, node: site.node, operands };
  });
}
