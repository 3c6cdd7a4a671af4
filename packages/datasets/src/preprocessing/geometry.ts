import { QueeError } from "@quee/core";
import type { PreprocessorConfig } from "./config.js";
import {
  antialiasTaps,
  bicubic,
  bilinear,
  cropTaps,
  interpolationTaps,
  nearestTaps,
  pillowNearestTaps,
  type Taps,
} from "./taps.js";

/** Taps of both axes, the centre crop included. */
export interface Geometry {
  readonly rows: Taps;
  readonly columns: Taps;
}

export function geometryOf(config: PreprocessorConfig, height: number, width: number): Geometry {
  const resized = resizedSize(config, height, width);
  const crop = config.do_center_crop && config.crop_size !== undefined ? config.crop_size : resized;
  return {
    rows: axis(config, height, resized.height, crop.height, "height"),
    columns: axis(config, width, resized.width, crop.width, "width"),
  };
}

function axis(
  config: PreprocessorConfig,
  inputs: number,
  outputs: number,
  kept: number,
  name: "height" | "width",
): Taps {
  if (kept > outputs) {
    throw unsupported(`crop_size.${name}`, `at most ${outputs}, the ${name} after resizing`, String(kept));
  }
  return cropTaps(resample(config, inputs, outputs), Math.floor((outputs - kept) / 2), kept);
}

function resizedSize({ do_resize, size }: PreprocessorConfig, height: number, width: number) {
  if (!do_resize || size === undefined) return { height, width };
  if ("height" in size) return size;
  const edge = size.shortest_edge;
  return height <= width
    ? { height: edge, width: Math.trunc((edge * width) / height) }
    : { height: Math.trunc((edge * height) / width), width: edge };
}

function resample(config: PreprocessorConfig, inputs: number, outputs: number): Taps {
  const { resample: filter, resize_arithmetic: arithmetic, align_corners: alignCorners } = config;
  // An axis that keeps its size is copied, as all libraries do.
  if (inputs === outputs) return nearestTaps(inputs, outputs);
  if (filter === 0) return arithmetic === "pillow" ? pillowNearestTaps(inputs, outputs) : nearestTaps(inputs, outputs);
  const antialias = arithmetic === "pillow" || config.antialias === true;
  if (filter === 2) {
    return antialias
      ? antialiasTaps(inputs, outputs, bilinear)
      : interpolationTaps(inputs, outputs, bilinear, alignCorners);
  }
  return antialias
    ? antialiasTaps(inputs, outputs, bicubic(-0.5))
    : interpolationTaps(inputs, outputs, bicubic(-0.75), alignCorners);
}

/** Refuses what a config asks for and nothing here does. */
export function checkSupported(config: PreprocessorConfig): void {
  const { resize_arithmetic: arithmetic, antialias, align_corners: alignCorners, resample: filter } = config;
  if (!config.do_resize) return;
  if (arithmetic === "pillow" && antialias === false && filter !== 0) {
    throw unsupported("antialias", 'true with resize_arithmetic "pillow" (Pillow always antialiases)', "false");
  }
  if (!alignCorners) return;
  if (arithmetic === "pillow") throw unsupported("align_corners", 'false with resize_arithmetic "pillow"', "true");
  if (antialias === true) throw unsupported("align_corners", "false with antialias", "true");
  if (filter === 0) throw unsupported("align_corners", "false with resample 0 (nearest)", "true");
}

function unsupported(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_PREPROCESSOR_UNSUPPORTED", kind: "input", where, expected, got });
}
