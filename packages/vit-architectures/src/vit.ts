import type { Graph } from "@quee/onnx-graph";
import { backbone, type Pooling } from "./backbone.js";
import { type ArchitectureOptions, checkArchitecture, wrong } from "./check-options.js";
import { NetworkWriter } from "./network-writer.js";

export interface VitOptions extends ArchitectureOptions {
  /** Height and width of a patch, in pixels; divides the image size. */
  readonly patchSize: number;
  /** Default `learned`. */
  readonly positions?: "learned" | "sinusoidal";
  /** Trained factors on the branches. Default false. */
  readonly layerScale?: boolean;
  /** Default `token`. */
  readonly pooling?: Pooling;
  /** Default true. */
  readonly qkvBias?: boolean;
  /** ε of the layer norms. Default 1e-6. */
  readonly epsilon?: number;
}

/**
 * A vision transformer with fresh weights: `pixel_values` [batch, 3, H, W] → `logits` [batch, K].
 * ViT (arXiv 2010.11929), section 3.1. The patch embedding is a reshape and a matrix product, which is what the usual strided
 * convolution computes, so that training needs no gradient of a convolution.
 */
export function buildVit(options: VitOptions): Graph {
  checkArchitecture(options);
  const { imageSize, patchSize, width } = options;
  if (!Number.isInteger(patchSize) || patchSize < 1 || imageSize % patchSize !== 0) {
    throw wrong("patchSize", `a divisor of ${imageSize} (imageSize)`, patchSize);
  }
  const writer = new NetworkWriter("vit", options.seed);
  const side = imageSize / patchSize;
  const pixels = writer.builder.input("pixel_values", ["batch", 3, imageSize, imageSize]);
  backbone(writer, patchEmbedding(writer, pixels, side, patchSize, width), {
    ...options,
    tokens: side * side + 1,
    qkvBias: options.qkvBias ?? true,
    epsilon: options.epsilon ?? 1e-6,
    positions: options.positions ?? "learned",
    layerScale: options.layerScale ?? false,
    pooling: options.pooling ?? "token",
  });
  return writer.build();
}

/** @param pixels [B, 3, H, W] @returns [B, side², D] */
function patchEmbedding(writer: NetworkWriter, pixels: string, side: number, patch: number, width: number): string {
  const { builder } = writer;
  const cells = builder.reshape(pixels, [0, 3, side, patch, side, patch]);
  const byPatch = builder.transpose(cells, [0, 2, 4, 1, 3, 5]);
  const inputs = 3 * patch * patch;
  const patches = builder.reshape(byPatch, [0, side * side, inputs], "patches");
  return writer.linear("patch_embedding", patches, inputs, width);
}
