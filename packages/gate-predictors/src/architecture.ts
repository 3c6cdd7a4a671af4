import { QueeError } from "@quee/core";
import { pathEncodingWidth } from "./encode-path.js";
import { type ExtraFeature, extraFeatureMacs } from "./extra-features.js";
import { gateFeatureCount } from "./gate-features.js";

/**
 * The paper writes sigmoid(NN(NN(u‖p))), "a simple 2-layer network", with an embedding of 8 and a hidden layer of 16 or 32
 * (equation 15, table 3). Three readings:
 * - `A`: (u‖p) → embedding → hidden → 1. Uses both widths and the concatenation. The default.
 * - `B`: (u‖p) → hidden → 1. Has no embedding.
 * - `C`: u and p have an embedding each; (embedding_u ‖ embedding_p) → hidden → 1.
 *
 * ReLU between layers.
 */
export type Reading = "A" | "B" | "C";

export interface GateArchitecture {
  readonly reading: Reading;
  /** Width of the embedding; null in reading B, which has none. */
  readonly embedding: number | null;
  readonly hidden: number;
  /** C */
  readonly classCount: number;
  /** E */
  readonly exitCount: number;
  /** What u holds beyond equation 13. Default: nothing. */
  readonly extraFeatures?: readonly ExtraFeature[];
}

/** The widths that make a network. */
export interface NetworkWidths extends Pick<GateArchitecture, "reading" | "embedding" | "hidden"> {
  /** Width of u. */
  readonly image: number;
  /** Width of p. */
  readonly path: number;
}

/** One dense layer: y = x·W + b. */
export interface LayerSize {
  readonly inputs: number;
  readonly outputs: number;
  readonly bias: boolean;
  /** What a neuron of this layer sums over in the network as written; above `inputs` where that sum is split in two. */
  readonly fanIn: number;
}

/**
 * A gate as three chains of dense layers with ReLU inside: h = joint(ReLU(image(u) + path(p))).
 * A layer over a concatenation is the sum of two layers, W·(u‖p) = W_u·u + W_p·p: so `image` runs once per image and `path`
 * once per candidate, when the gate is loaded, and only `joint` once per image and candidate.
 */
export interface GateChains<Layer> {
  readonly image: readonly Layer[];
  readonly path: readonly Layer[];
  /** Its last layer has one output: the logit of the predicted error. */
  readonly joint: readonly Layer[];
}

export function widthsOf({ reading, embedding, hidden, ...architecture }: GateArchitecture): NetworkWidths {
  const image = gateFeatureCount(architecture.classCount, architecture.extraFeatures);
  return { reading, embedding, hidden, image, path: pathEncodingWidth(architecture.exitCount) };
}

export function layerSizes(widths: NetworkWidths): GateChains<LayerSize> {
  const { reading, hidden, image: u, path: p } = widths;
  const embedding = checkedEmbedding(widths);
  const logit = dense(hidden, 1);
  switch (reading) {
    case "A":
      return { ...splitLayer(u, p, embedding), joint: [dense(embedding, hidden), logit] };
    case "B":
      return { ...splitLayer(u, p, hidden), joint: [logit] };
    case "C": {
      const { image, path } = splitLayer(embedding, embedding, hidden);
      return { image: [dense(u, embedding), ...image], path: [dense(p, embedding), ...path], joint: [logit] };
    }
  }
}

function checkedEmbedding({ reading, embedding }: NetworkWidths): number {
  if ((reading === "B") === (embedding === null)) return embedding ?? 0;
  throw new QueeError({
    code: "E_GATE_OPTION",
    kind: "config",
    where: "embedding",
    expected: reading === "B" ? "none, which is what reading B has" : `a width, which reading ${reading} needs`,
    got: String(embedding),
  });
}

/** The two halves of a layer over a concatenation. One bias serves both. */
function splitLayer(left: number, right: number, outputs: number): Pick<GateChains<LayerSize>, "image" | "path"> {
  const fanIn = left + right;
  return {
    image: [{ inputs: left, outputs, bias: false, fanIn }],
    path: [{ inputs: right, outputs, bias: true, fanIn }],
  };
}

function dense(inputs: number, outputs: number): LayerSize {
  return { inputs, outputs, bias: true, fanIn: inputs };
}

/**
 * Multiply-accumulates of one decision: extra features and the image's chain once, the joint chain once per candidate. The path's
 * chain is a constant table. Reading A: embedding·(2C + 4) + candidates·(embedding·hidden + hidden).
 * @param widths where the network has other ones than those of equation 15
 */
export function gateMacs(
  architecture: GateArchitecture,
  candidateCount: number,
  widths: NetworkWidths = widthsOf(architecture),
): number {
  const { image, joint } = layerSizes(widths);
  return extraFeatureMacs(architecture.extraFeatures ?? []) + macs(image) + candidateCount * macs(joint);
}

function macs(layers: readonly LayerSize[]): number {
  return layers.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
}
