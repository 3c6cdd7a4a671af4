import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import type { Site } from "@quee/vit-blocks";

/** One thing that a site multiplies: where it goes in, and how many steps it takes along which axis. */
export interface Operand {
  readonly input: number;
  readonly value: string;
  readonly isWeight: boolean;
  readonly groups: number;
  readonly axis: number | null;
}

/**
 * The operands of a site. Activations take one step; a weight takes one per stacked matrix (three for q, k, v), that of a
 * convolution one per output channel, whose input PTQ4ViT's code leaves in float (table of its quantized operators).
 */
export function operandsOf(graph: Pick<Graph, "nodes" | "initializers">, site: Site): readonly Operand[] {
  const inputs = graph.nodes.find(({ name }) => name === site.node)?.inputs;
  if (inputs === undefined) throw notThere(site.node, "a node of the graph");
  const at = (value: string) => {
    const input = inputs.indexOf(value);
    if (input < 0) throw notThere(site.node, `"${value}" among its inputs`);
    return input;
  };
  const activation = (value: string, input = at(value)): Operand => ({
    input,
    value,
    isWeight: false,
    groups: 1,
    axis: null,
  });
  switch (site.kind) {
    case "matmul":
      // By position: both operands may be one value.
      return inputs.slice(0, 2).map(activation);
    case "linear":
      return [...site.activations.map((value) => activation(value)), weightOf(graph, site, site.groups, at)];
    case "conv":
      return [weightOf(graph, site, "channels", at)];
  }
}

function weightOf(
  graph: Pick<Graph, "nodes" | "initializers">,
  site: Site,
  groups: number | "channels",
  at: (value: string) => number,
): Operand {
  const dims = site.weight === null ? undefined : graph.initializers.get(site.weight)?.dims;
  if (site.weight === null || dims === undefined) throw notThere(site.node, "a constant weight");
  const axis = site.weightLayout === "in-out" ? dims.length - 1 : 0;
  const count = groups === "channels" ? dims[axis] : groups;
  return { input: at(site.weight), value: site.weight, isWeight: true, groups: count, axis: count === 1 ? null : axis };
}

function notThere(node: string, expected: string): QueeError {
  return new QueeError({ code: "E_SITE", kind: "internal", where: `site "${node}"`, expected, got: "none" });
}
