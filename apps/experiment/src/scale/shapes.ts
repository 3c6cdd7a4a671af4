import { type Bits, bits, type PathSpace } from "@quee/core";
import type { ArchitectureName } from "@quee/vit-architectures";

/** A network as ImageNet asks for. */
export interface Shape {
  readonly architecture: ArchitectureName;
  /** Height and width, in pixels. */
  readonly imageSize: number;
  /** Of an image of that size, the class token among them. */
  readonly tokens: number;
}

export const shapes: readonly Shape[] = [
  { architecture: "vit-small-16", imageSize: 224, tokens: 197 },
  { architecture: "dinov2-vit-small-14", imageSize: 252, tokens: 325 },
];

export const classCount = 1_000;

/** Layers with an exit behind them, and levels: 35 monotone paths. As `imagenet-dinov2-vit-s-14` has them. */
export const exits = [4, 6, 8, 10, 12] as const;
export const levels: readonly Bits[] = [bits(8), bits(7), bits(6)];
export const space: PathSpace = { levels, exitCount: exits.length, order: "monotone", firstBlock: "highest" };

/** Images of a part: 35 paths × 1,000 classes of so many are 72 MB of float32. */
export const partSize = 512;
