import type { Graph } from "@quee/onnx-graph";
import { backbone } from "./backbone.js";
import { type ArchitectureOptions, checkArchitecture, wrong } from "./check-options.js";
import { NetworkWriter } from "./network-writer.js";
import { refold, type SoftSplit, sideAfter, unfold } from "./soft-split.js";
import { tokenPerformer } from "./token-performer.js";

export interface T2tVitOptions extends ArchitectureOptions {
  /** Width of the tokens between the soft splits. Default 64. */
  readonly tokenWidth?: number;
}

const EPSILON = 1e-5;
const FIRST: SoftSplit = { kernel: 7, stride: 4, padding: 2 };
const LATER: SoftSplit = { kernel: 3, stride: 2, padding: 1 };
/** The splits that a performer follows; the last one is followed by a projection. */
const WITH_PERFORMER = [FIRST, LATER];

/**
 * T2T-ViT with performer tokens and fresh weights: `pixel_values` [batch, 3, H, W] → `logits` [batch, K].
 * T2T-ViT (arXiv 2101.11986), section 3. T2T-ViT-7 is width 256, depth 7, heads 4, mlpRatio 2.
 */
export function buildT2tVit(options: T2tVitOptions): Graph {
  checkArchitecture(options);
  const { tokenWidth = 64, imageSize } = options;
  if (!Number.isInteger(tokenWidth) || tokenWidth < 2)
    throw wrong("tokenWidth", "a whole number of at least 2", tokenWidth);
  const smallest = FIRST.kernel - 2 * FIRST.padding;
  if (imageSize < smallest) throw wrong("imageSize", `at least ${smallest}, so that the first window fits`, imageSize);
  const writer = new NetworkWriter("t2t-vit", options.seed);
  const pixels = writer.builder.input("pixel_values", ["batch", 3, imageSize, imageSize]);
  const { tokens, count } = stem(writer, pixels, imageSize, tokenWidth, options.width);
  backbone(writer, tokens, {
    ...options,
    tokens: count + 1,
    qkvBias: false,
    epsilon: EPSILON,
    positions: "sinusoidal",
    layerScale: false,
    pooling: "token",
  });
  return writer.build();
}

/** Split, mix, split, mix, split, project. @returns tokens [B, count, width] */
function stem(writer: NetworkWriter, pixels: string, imageSize: number, tokenWidth: number, width: number) {
  let map = pixels;
  let channels = 3;
  let side = imageSize;
  for (const [i, split] of WITH_PERFORMER.entries()) {
    const windows = unfold(writer, `tokens_to_token.split${i}`, map, channels, side, split);
    side = sideAfter(side, split);
    const inputs = channels * split.kernel ** 2;
    const shape = { inputs, width: tokenWidth, epsilon: EPSILON };
    map = refold(writer, tokenPerformer(writer, `tokens_to_token.performer${i}`, windows, shape), tokenWidth, side);
    channels = tokenWidth;
  }
  const windows = unfold(writer, "tokens_to_token.split2", map, channels, side, LATER);
  const tokens = writer.linear("tokens_to_token.project", windows, channels * LATER.kernel ** 2, width);
  return { tokens, count: sideAfter(side, LATER) ** 2 };
}
