import { constant } from "@quee/onnx-graph";
import type { NetworkWriter } from "./network-writer.js";

/** A window that moves over a square map. */
export interface SoftSplit {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** Positions of the window along one side. */
export function sideAfter(side: number, { kernel, stride, padding }: SoftSplit): number {
  return Math.floor((side + 2 * padding - kernel) / stride) + 1;
}

/**
 * Overlapping windows as tokens (im2col): a depthwise convolution whose kernels each pick one pixel of the window.
 * T2T-ViT (arXiv 2101.11986), section 3.1.
 * @param map [B, C, side, side]
 * @returns [B, T, C·kernel²], channel-major within a token
 */
export function unfold(
  writer: NetworkWriter,
  name: string,
  map: string,
  channels: number,
  side: number,
  split: SoftSplit,
): string {
  const { builder } = writer;
  const { kernel, stride, padding } = split;
  const picks = builder.initializer(
    `${name}.picks`,
    constant([channels * kernel ** 2, 1, kernel, kernel], pickKernels(channels, kernel)),
  );
  const windows = builder.add("Conv", [map, picks], {
    group: channels,
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
  });
  const tokens = sideAfter(side, split) ** 2;
  return builder.transpose(builder.reshape(windows, [0, channels * kernel ** 2, tokens]), [0, 2, 1], name);
}

/** [C·k², 1, k, k]: output channel c·k² + i sees pixel i of channel c. */
function pickKernels(channels: number, kernel: number): Float32Array {
  const area = kernel * kernel;
  const kernels = new Float32Array(channels * area * area);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < area; i++) kernels[(c * area + i) * area + i] = 1;
  }
  return kernels;
}

/** Tokens laid out as a square map again. @param tokens [B, side², C] @returns [B, C, side, side] */
export function refold(writer: NetworkWriter, tokens: string, channels: number, side: number): string {
  return writer.builder.reshape(writer.builder.transpose(tokens, [0, 2, 1]), [0, channels, side, side]);
}
