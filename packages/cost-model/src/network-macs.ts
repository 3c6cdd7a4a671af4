import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import { quantizableSites, type VitAnatomy } from "@quee/vit-blocks";
import { type Macs, macsOf, sum } from "./macs-of.js";

/** MACs per image of a network, by part. */
export interface MacBreakdown {
  readonly stem: number;
  /** Those of the stem that stay in float in a quantized network (performer products). */
  readonly stemFloat: number;
  /** One per transformer layer. */
  readonly layers: readonly number[];
  readonly head: number;
  readonly total: number;
}

/** MACs per image of a network that exits behind some of its layers. */
export interface NetworkMacs {
  readonly stem: number;
  readonly stemFloat: number;
  /** Layers of block 1 … E; the stem is apart. */
  readonly blocks: readonly number[];
  /** The head of exit 1 … E. */
  readonly heads: readonly number[];
}

export function breakdownOf(graph: Graph, anatomy: VitAnatomy): MacBreakdown {
  const macs = macsOf(graph);
  const layers = anatomy.layers.map(({ nodes }) => macsAmong(macs, nodes));
  const head = macsAmong(macs, new Set(anatomy.head.nodes));
  const stem = macs.total - sum(layers) - head;
  const stemSites = quantizableSites(graph).filter(({ layer, role }) => layer === null && role !== "head");
  const quantized = macsAmong(macs, new Set(stemSites.map(({ node }) => node)));
  return { stem, stemFloat: stem - quantized, layers, head, total: macs.total };
}

/**
 * @param exits 1-based layers that an exit follows, ascending; the last is the last layer. Every exit has a head like the last.
 */
export function networkMacs(graph: Graph, anatomy: VitAnatomy, exits: readonly number[]): NetworkMacs {
  const { stem, stemFloat, layers, head } = breakdownOf(graph, anatomy);
  if (exits.at(-1) !== layers.length) {
    throw new QueeError({
      code: "E_EXITS",
      kind: "config",
      where: "exits",
      expected: `a last exit behind layer ${layers.length} (the last)`,
      got: `[${exits.join(", ")}]`,
    });
  }
  const blocks = exits.map((to, j) => sum(layers.slice(exits[j - 1] ?? 0, to)));
  return { stem, stemFloat, blocks, heads: exits.map(() => head) };
}

function macsAmong(macs: Macs, nodes: ReadonlySet<string>): number {
  return sum([...nodes].map((name) => macs.byNode.get(name) ?? 0));
}
