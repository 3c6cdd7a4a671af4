import { constant } from "@quee/onnx-graph";
import type { NetworkWriter } from "./network-writer.js";
import { type LayerShape, transformerLayer } from "./transformer-layer.js";
import { sinusoidalPositions } from "./weights.js";

export interface BackboneShape extends LayerShape {
  readonly depth: number;
  /** K */
  readonly classCount: number;
  readonly positions: "learned" | "sinusoidal";
  readonly pooling: Pooling;
}

/** What the head reads: the class token, or the class token and the mean of the patches side by side. */
export type Pooling = "token" | "token-and-mean";

/**
 * Everything behind the stem: class token, positions, layers, final norm, and the head on the class token.
 * @param patches [B, T − 1, D]
 */
export function backbone(writer: NetworkWriter, patches: string, shape: BackboneShape): void {
  const { builder } = writer;
  const { width, classCount } = shape;
  let x = addPositions(writer, prependClassToken(writer, patches, width), shape);
  for (let i = 0; i < shape.depth; i++) x = transformerLayer(writer, `blocks.${i}`, x, shape);
  const normed = writer.layerNorm("norm", x, width, shape.epsilon);
  const classToken = builder.reshape(builder.slice(normed, 1, 0, 1), [0, width], "class_features");
  const { features, featureWidth } =
    shape.pooling === "token"
      ? { features: classToken, featureWidth: width }
      : { features: withMean(writer, classToken, normed, shape.tokens), featureWidth: 2 * width };
  builder.output(writer.linear("head", features, featureWidth, classCount, { output: "logits" }), [
    "batch",
    classCount,
  ]);
}

/** As the linear classifier of DINOv2 (arXiv 2304.07193) reads its tokens. @returns [B, 2·D] */
function withMean({ builder }: NetworkWriter, classToken: string, tokens: string, count: number): string {
  const mean = builder.reduceMean(builder.slice(tokens, 1, 1, count), [1], false);
  return builder.add("Concat", [classToken, mean], { axis: 1 }, "features");
}

/**
 * The class token, once per image, before the patches. It is spread over the batch by adding it to a slice of the tokens
 * times zero: no integer arithmetic on shapes, so every operator on the way has a gradient.
 */
function prependClassToken(writer: NetworkWriter, patches: string, width: number): string {
  const { builder } = writer;
  const token = writer.parameter("class_token.embedding", [1, 1, width]);
  const nothing = builder.times(builder.slice(patches, 1, 0, 1), writer.scalar("zero", 0));
  return builder.add("Concat", [builder.plus(nothing, token), patches], { axis: 1 }, "tokens");
}

function addPositions(writer: NetworkWriter, tokens: string, shape: BackboneShape): string {
  const dims = [1, shape.tokens, shape.width];
  const positions =
    shape.positions === "learned"
      ? writer.parameter("position.embedding", dims)
      : writer.builder.initializer("positions", constant(dims, sinusoidalPositions(shape.tokens, shape.width)));
  return writer.builder.plus(tokens, positions, "stem");
}
