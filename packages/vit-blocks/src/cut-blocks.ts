import { type Dim, extractSubgraph, type Graph, GraphBuilder, type Node, producerOf } from "@quee/onnx-graph";
import type { VitAnatomy, VitLayer } from "./anatomy.js";
import { checkExits } from "./exits.js";

/** The names that block graphs speak with. */
const PIXELS = "pixel_values";
const TOKENS_IN = "hidden_states_in";
const TOKENS_OUT = "hidden_states";
const FEATURES = "exit_features";

/** The layers between two exits, as a graph of its own. QuEE (arXiv 2406.14404), section 3. */
export interface BlockGraph {
  /** 1-based: block j ends at exit j. */
  readonly index: number;
  /** First and last layer, 1-based; block 1 holds the stem too. */
  readonly layers: readonly [number, number];
  /**
   * `pixel_values` [batch, C, H, W] or `hidden_states_in` [batch, T, D] → `hidden_states` [batch, T, D] (but for the last
   * block) and `exit_features` [batch, F]: the tokens normed and pooled as the backbone does for its head.
   */
  readonly graph: Graph;
  readonly input: string;
  readonly hasHiddenStates: boolean;
}

/**
 * Cuts a network behind the given layers. Run one after the other, the blocks compute what the network computes.
 * @param exits 1-based layers that an exit follows, ascending; the last is the last layer
 */
export function cutBlocks(graph: Graph, anatomy: VitAnatomy, exits: readonly number[]): readonly BlockGraph[] {
  checkExits(exits, anatomy.layers.length);
  return exits.map((to, j) => cutBlock(graph, anatomy, j + 1, (exits[j - 1] ?? 0) + 1, to));
}

function cutBlock(whole: Graph, anatomy: VitAnatomy, index: number, from: number, to: number): BlockGraph {
  const isFirst = from === 1;
  const isLast = to === anatomy.layers.length;
  const input = isFirst ? PIXELS : TOKENS_IN;
  const layerInput = (anatomy.layers[from - 1] as VitLayer).input;
  const layerOutput = (anatomy.layers[to - 1] as VitLayer).output;
  const isOneValue = anatomy.features.length === 1;
  const part = extractSubgraph(exitingAt(whole, anatomy, layerOutput), {
    name: `${whole.name} block ${index}`,
    inputs: [{ name: isFirst ? anatomy.input : layerInput, rename: input }],
    outputs: [
      { name: layerOutput, rename: TOKENS_OUT },
      ...anatomy.features.map((name, i) => ({ name, rename: isOneValue ? FEATURES : `${FEATURES}_${i + 1}` })),
    ],
  });
  const tokens: readonly Dim[] = ["batch", anatomy.tokens, anatomy.width];
  const builder = GraphBuilder.from(withInputShape(part, input, isFirst ? ["batch", ...anatomy.imageShape] : tokens));
  builder.clearOutputs();
  if (!isLast) builder.output(TOKENS_OUT, tokens);
  const parts = part.outputs.slice(1).map(({ name }) => name);
  builder.output(isOneValue ? FEATURES : builder.add("Concat", parts, { axis: 1 }, FEATURES), [
    "batch",
    anatomy.featureWidth,
  ]);
  return { index, layers: [from, to], graph: builder.build(), input, hasHiddenStates: !isLast };
}

/** The network with everything between its last layer and its head moved behind another layer: every exit pools as it does. */
function exitingAt(whole: Graph, { lastOutput, features }: VitAnatomy, layerOutput: string): Graph {
  if (layerOutput === lastOutput) return whole;
  const tail = new Set(nodesOfTail(whole, lastOutput, features));
  const nodes = whole.nodes.map((node) =>
    tail.has(node) ? { ...node, inputs: node.inputs.map((name) => (name === lastOutput ? layerOutput : name)) } : node,
  );
  return { ...whole, nodes };
}

function nodesOfTail(whole: Graph, lastOutput: string, features: readonly string[]): readonly Node[] {
  const producers = producerOf(whole);
  const found: Node[] = [];
  const pending = [...features];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    const node = value === lastOutput ? undefined : producers.get(value);
    if (node === undefined || found.includes(node)) continue;
    found.push(node);
    pending.push(...node.inputs);
  }
  return found;
}

function withInputShape(graph: Graph, name: string, shape: readonly Dim[]): Graph {
  return { ...graph, inputs: graph.inputs.map((info) => (info.name === name ? { ...info, shape } : info)) };
}
