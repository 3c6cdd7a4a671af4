import type { Graph, Node } from "@quee/onnx-graph";
import { renameValues } from "@quee/onnx-graph";
import type { Site } from "@quee/vit-blocks";
import type { CalibratedBlock } from "../calibrate-blocks.js";
import { logitsOf } from "../logits-of.js";

/** A site under the name that its node and values have in the whole network. */
export interface ChainedSite {
  /** Which of the blocks, from 0. */
  readonly block: number;
  /** As the block knows it. */
  readonly site: Site;
  /** Node of the whole network. */
  readonly node: Node;
}

export interface ChainedNetwork {
  readonly graph: Graph;
  readonly sites: readonly ChainedSite[];
  /** The last block's logits, [batch, K]. */
  readonly logits: string;
}

/** Blocks one after the other as one network: the `hidden_states` of one are the input of the next, logits of all are outputs. */
export function chainBlocks(blocks: readonly CalibratedBlock[]): ChainedNetwork {
  const graphs = blocks.map(({ graph }, j) => prefixed(graph, j, graph.inputs[0].name));
  const [first] = graphs;
  const sites = blocks.flatMap(({ sites: own }, j) => {
    const nodes = new Map(graphs[j].nodes.map((node) => [node.name, node]));
    return own.map((site): ChainedSite => ({ block: j, site, node: nodes.get(inBlock(j, site.node)) as Node }));
  });
  const logits = blocks.map(({ graph }, j) => inBlock(j, logitsOf(graph)));
  return {
    graph: {
      ...first,
      name: "whole network",
      initializers: new Map(graphs.flatMap(({ initializers }) => [...initializers])),
      nodes: graphs.flatMap(({ nodes }) => nodes),
      outputs: logits.map((name) => ({ name, dtype: "float32", shape: null })),
    },
    sites,
    logits: logits[logits.length - 1],
  };
}

function inBlock(block: number, name: string): string {
  return `block${block}/${name}`;
}

function prefixed(graph: Graph, block: number, input: string): Graph {
  const values = [
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ].filter((name) => name !== "");
  const renamed = renameValues(
    graph,
    new Map(
      values.map((name) => [
        name,
        block > 0 && name === input ? inBlock(block - 1, "hidden_states") : inBlock(block, name),
      ]),
    ),
  );
  return { ...renamed, nodes: renamed.nodes.map((node) => ({ ...node, name: inBlock(block, node.name) })) };
}
