import { type Constant, type Dim, extractSubgraph, float, type Graph, GraphBuilder } from "@quee/onnx-graph";
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
   * block) and `exit_features` [batch, D]: the class token behind the backbone's final norm.
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
  const between = extractSubgraph(whole, {
    name: `${whole.name} block ${index}`,
    inputs: [{ name: isFirst ? anatomy.input : layerInput, rename: input }],
    outputs: [{ name: layerOutput, rename: TOKENS_OUT }],
  });
  const tokens: readonly Dim[] = ["batch", anatomy.tokens, anatomy.width];
  const shaped = withInputShape(between, input, isFirst ? ["batch", ...anatomy.imageShape] : tokens);
  const builder = GraphBuilder.from(shaped);
  builder.clearOutputs();
  if (!isLast) builder.output(TOKENS_OUT, tokens);
  addExitFeatures(builder, whole, anatomy, between.initializers);
  return { index, layers: [from, to], graph: builder.build(), input, hasHiddenStates: !isLast };
}

/** The class token first, then the norm: it works per token, so the other tokens need none. */
function addExitFeatures(
  builder: GraphBuilder,
  whole: Graph,
  { finalNorm, classToken, width }: VitAnatomy,
  known: ReadonlyMap<string, Constant>,
): void {
  const token = builder.slice(TOKENS_OUT, 1, classToken, classToken + 1, builder.fresh("exit_token"));
  // A cleaning pass may have given equal weights one name: the block then has this one already.
  const scale = [finalNorm.weight, finalNorm.bias]
    .filter((name) => name !== null)
    .map((name) => (known.has(name) ? name : builder.initializer(name, whole.initializers.get(name) as Constant)));
  const attributes = { axis: -1, epsilon: float(finalNorm.epsilon) };
  const normed = builder.add("LayerNormalization", [token, ...scale], attributes, builder.fresh("exit_norm"));
  builder.output(builder.reshape(normed, [0, width], FEATURES), ["batch", width]);
}

function withInputShape(graph: Graph, name: string, shape: readonly Dim[]): Graph {
  return { ...graph, inputs: graph.inputs.map((info) => (info.name === name ? { ...info, shape } : info)) };
}
