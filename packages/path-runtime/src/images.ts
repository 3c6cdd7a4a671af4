import type { Tensor } from "@quee/tensor";

/** Images by number, preprocessed when they are asked for. */
export interface ImageSource {
  readonly count: number;
  /** @returns [n, 3, H, W], in the order of `indices` */
  batch(indices: Int32Array): Tensor | Promise<Tensor>;
}

/** How far a run is, in images. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}
