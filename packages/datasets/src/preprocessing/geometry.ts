import { QueeError } from "@quee/core";
import { roundHalfEven } from "@quee/tensor";
import type { PreprocessorConfig } from "./config.js";
import {
  type Axis,
  antialiasTaps,
  bicubic,
  bilinear,
  box,
  hamming,
  interpolationTaps,
  lanczos,
  nearestTaps,
  pillowNearestTaps,
  type Taps,
} from "./taps.js";

/** Taps of both axes, the centre crop included. */
export interface Geometry {
  readonly rows: Taps;
  readonly columns: Taps;
}

/** Pixels of a prepared image: a strip of 1 × 50,000 pixels whose shorter edge becomes 224 would have billions. */
const mostPixels = 2 ** 26;

export function geometryOf(config: PreprocessorConfig, height: number, width: number): Geometry {
  const resized = resizedSize(config, height, width);
  const crop = config.do_center_crop && config.crop_size !== undefined ? config.crop_size : resized;
  if (crop.height * crop.width > mostPixels) {
    throw unsupported("preprocessed image", `at most ${mostPixels} pixels`, `${crop.height}×${crop.width}`);
  }
  return {
    rows: resample(config, axis(config, height, resized.height, crop.height, "height")),
    columns: resample(config, axis(config, width, resized.width, crop.width, "width")),
  };
}

function axis(
  { crop_rounding: rounding }: PreprocessorConfig,
  inputs: number,
  outputs: number,
  kept: number,
  name: "height" | "width",
): Axis {
  if (kept > outputs) {
    throw unsupported(`crop_size.${name}`, `at most ${outputs}, the ${name} after resizing`, String(kept));
  }
  const margin = (outputs - kept) / 2;
  return { inputs, outputs, kept, from: rounding === "floor" ? Math.floor(margin) : roundHalfEven(margin) };
}

function resizedSize({ do_resize, size }: PreprocessorConfig, height: number, width: number) {
  if (!do_resize || size === undefined) return { height, width };
  if ("height" in size) return size;
  const edge = size.shortest_edge;
  return height <= width
    ? { height: edge, width: Math.trunc((edge * width) / height) }
    : { height: Math.trunc((edge * height) / width), width: edge };
}

function resample(config: PreprocessorConfig, along: Axis): Taps {
  const { resample: filter, resize_arithmetic: arithmetic, align_corners: alignCorners } = config;
  // An axis that keeps its size is copied, as all libraries do.
  if (along.inputs === along.outputs) return nearestTaps(along);
  if (filter === 0) return arithmetic === "pillow" ? pillowNearestTaps(along) : nearestTaps(along);
  const antialias = arithmetic === "pillow" || config.antialias === true;
  if (antialias) return antialiasTaps(along, filter === 3 ? bicubic(-0.5) : antialiasKernels[filter]);
  return interpolationTaps(along, filter === 2 ? bilinear : bicubic(-0.75), alignCorners);
}

/** By Pillow's numbers; torch has two of them. */
const antialiasKernels = { 1: lanczos, 2: bilinear, 4: box, 5: hamming } as const;

/** Refuses what a config asks for and nothing here does. */
export function checkSupported(config: PreprocessorConfig): void {
  const { resize_arithmetic: arithmetic, antialias, align_corners: alignCorners, resample: filter } = config;
  if (!config.do_resize) return;
  if (arithmetic === "pillow" && antialias === false && filter !== 0) {
    throw unsupported("antialias", 'true with resize_arithmetic "pillow" (Pillow always antialiases)', "false");
  }
  if (arithmetic === "float" && filter !== 0 && filter !== 2 && filter !== 3) {
    throw unsupported(
      "resample",
      '0, 2 or 3 (nearest, bilinear, bicubic) with resize_arithmetic "float"',
      String(filter),
    );
  }
  if (!alignCorners) return;
  if (arithmetic === "pillow") throw unsupported("align_corners", 'false with resize_arithmetic "pillow"', "true");
  if (antialias === true) throw unsupported("align_corners", "false with antialias", "true");
  if (filter === 0) throw unsupported("align_corners", "false with resample 0 (nearest)", "true");
}

function unsupported(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_PREPROCESSOR_UNSUPPORTED", kind: "input", where, expected, got });
}
