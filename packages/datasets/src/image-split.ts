import type { Split, SplitRole } from "@quee/core";

/** One decoded image. */
export interface Image {
  readonly height: number;
  readonly width: number;
  /** Planes R, G, B. Possibly a view: not to be written to. [3, height, width] */
  readonly pixels: Uint8Array;
}

/** Labelled images of one size, in memory. */
export interface ImageSplit<Role extends SplitRole> extends Split<Role> {
  /** For captions and messages: dataset and role. */
  readonly name: string;
  readonly imageShape: readonly [channels: number, height: number, width: number];
  readonly classNames: readonly string[];
  /** Pixels of image i, planes R, G, B. Possibly a view: not to be written to. [3, H, W] */
  image(i: number): Uint8Array;
}

/** Labelled image files, each of its own size: an image is decoded whenever it is asked for, and not kept. */
export interface ImageFileSplit<Role extends SplitRole> extends Split<Role> {
  readonly name: string;
  readonly classNames: readonly string[];
  /** Path of the file of image i. */
  file(i: number): string;
  decode(i: number): Promise<Image>;
}

export type AnyImageSplit<Role extends SplitRole> = ImageSplit<Role> | ImageFileSplit<Role>;

/** Image i, wherever it lies. */
export async function imageOf(split: AnyImageSplit<SplitRole>, i: number): Promise<Image> {
  if ("decode" in split) return split.decode(i);
  const [, height, width] = split.imageShape;
  return { height, width, pixels: split.image(i) };
}
