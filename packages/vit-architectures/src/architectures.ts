import { QueeError } from "@quee/core";
import type { Graph } from "@quee/onnx-graph";
import { buildT2tVit, type T2tVitOptions } from "./t2t-vit.js";
import { buildVit, type VitOptions } from "./vit.js";

/** What a name leaves open. */
export interface NetworkOptions {
  /** Height and width of the image, in pixels. */
  readonly imageSize: number;
  /** K */
  readonly classCount: number;
  /** Seed of the weights. */
  readonly seed: number;
}

type Build = (options: NetworkOptions) => Graph;

const vit =
  (shape: Omit<VitOptions, keyof NetworkOptions>): Build =>
  (options) =>
    buildVit({ ...shape, ...options });

const t2t =
  (shape: Omit<T2tVitOptions, keyof NetworkOptions>): Build =>
  (options) =>
    buildT2tVit({ ...shape, ...options });

/**
 * Networks by the names of their papers: T2T-ViT (arXiv 2101.11986), ViT-Tiny and ViT-Small (DeiT, arXiv 2012.12877), ViT-Base (arXiv
 * 2010.11929), and ViT-S/14 of DINOv2 (arXiv 2304.07193) with its LayerScale and its linear classifier on class token and mean of patches.
 */
const byName = {
  "t2t-vit-7": t2t({ width: 256, depth: 7, heads: 4, mlpRatio: 2 }),
  "t2t-vit-14": t2t({ width: 384, depth: 14, heads: 6, mlpRatio: 3 }),
  "vit-tiny-16": vit({ patchSize: 16, width: 192, depth: 12, heads: 3, mlpRatio: 4 }),
  "vit-small-16": vit({ patchSize: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4 }),
  "vit-base-16": vit({ patchSize: 16, width: 768, depth: 12, heads: 12, mlpRatio: 4 }),
  "dinov2-vit-small-14": vit({
    patchSize: 14,
    width: 384,
    depth: 12,
    heads: 6,
    mlpRatio: 4,
    layerScale: true,
    pooling: "token-and-mean",
  }),
} as const satisfies Record<string, Build>;

export type ArchitectureName = keyof typeof byName;

export const architectureNames = Object.keys(byName) as readonly ArchitectureName[];

/** A named network with fresh weights: `pixel_values` [batch, 3, H, W] → `logits` [batch, K]. */
export function buildArchitecture(name: ArchitectureName, options: NetworkOptions): Graph {
  const build = Object.hasOwn(byName, name) ? byName[name] : undefined;
  if (build !== undefined) return build(options);
  throw new QueeError({
    code: "E_ARCHITECTURE",
    kind: "config",
    where: "architecture",
    expected: `one of ${architectureNames.join(", ")}`,
    got: String(name),
  });
}
