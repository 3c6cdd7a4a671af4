import type { Split, SplitRole } from "@quee/core";

/** Labelled images of one size. */
export interface ImageSplit<Role extends SplitRole> extends Split<Role> {
  /** For captions and messages: dataset and role. */
  readonly name: string;
  readonly imageShape: readonly [channels: number, height: number, width: number];
  readonly classNames: readonly string[];
  /** Pixels of image i, planes R, G, B. Possibly a view: not to be written to. [3, H, W] */
  image(i: number): Uint8Array;
}
