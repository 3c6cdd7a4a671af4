import { inferShapes } from "@quee/onnx-graph";
import type { ChainedNetwork, ChainedSite } from "./chain-blocks.js";

/**
 * Divides sites, in running order, into groups whose inputs, outputs and gradients for all images fit a memory budget together; a
 * site that exceeds it alone is a group alone.
 */
export function layerGroups(
  { graph }: Pick<ChainedNetwork, "graph">,
  sites: readonly ChainedSite[],
  images: number,
  memoryBytes: number,
): readonly (readonly ChainedSite[])[] {
  const values = inferShapes(graph);
  const bytes = (value: string) =>
    (values.get(value)?.shape ?? []).reduce(
      (size: number, dim) => size * (typeof dim === "number" ? dim : 1),
      4 * images,
    );
  const groups: ChainedSite[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const one of sites) {
    const needed = valuesOf(one).reduce((sum, value) => sum + bytes(value), bytes(one.node.outputs[0]));
    if (used + needed > memoryBytes) {
      groups.push([]);
      used = 0;
    }
    groups[groups.length - 1].push(one);
    used += needed;
  }
  return groups;
}

/** The activations that a site reads, and its output. */
export function valuesOf({ node, site }: ChainedSite): readonly string[] {
  return [...node.inputs.slice(0, site.kind === "matmul" ? 2 : 1), node.outputs[0]];
}
