import type { SplitRole } from "@quee/core";
import { QueeError } from "@quee/core";
import { type Tensor, zeros } from "@quee/tensor";
import type { ImageSplit } from "../image-split.js";
import type { PreprocessorConfig } from "./config.js";
import { checkSupported, type Geometry, geometryOf } from "./geometry.js";
import { floatResize, pillowResize } from "./resize.js";

/** Images at `indices` as the model wants them. @returns [B, 3, H, W] */
export type Preprocessor = (split: ImageSplit<SplitRole>, indices: ArrayLike<number>) => Tensor;

/** Prepares one image of known size: writes [3, H, W] values into `out` from `outAt`. */
type PrepareImage = (pixels: Uint8Array, out: Float32Array, outAt: number) => void;

/**
 * What a model's `preprocessor_config.json` asks for. With `resize_arithmetic: "float"` pixels are rescaled and normalised
 * before they are resized, since a table of 256 values does it and both orders are equal up to rounding (weights sum to 1).
 */
export function preprocessor(config: PreprocessorConfig): Preprocessor {
  checkSupported(config);
  const tables = [0, 1, 2].map((channel) => valuesOfBytes(config, channel));
  const known = new Map<string, { readonly geometry: Geometry; readonly prepare: PrepareImage }>();

  return (split, indices) => {
    const [channels, height, width] = split.imageShape;
    if (channels !== 3) throw notColour(split.name, channels);
    const size = `${height}x${width}`;
    let prepared = known.get(size);
    if (prepared === undefined) {
      const geometry = geometryOf(config, height, width);
      prepared = { geometry, prepare: prepareImage(config, geometry, tables, height, width) };
      known.set(size, prepared);
    }
    const { geometry, prepare } = prepared;
    const out = zeros([indices.length, 3, geometry.rows.outputs, geometry.columns.outputs]);
    const imageSize = 3 * geometry.rows.outputs * geometry.columns.outputs;
    for (let b = 0; b < indices.length; b++) {
      if (!(indices[b] >= 0 && indices[b] < split.count)) throw notThere(split, indices[b]);
      prepare(split.image(indices[b]), out.data, b * imageSize);
    }
    return out;
  };
}

function prepareImage(
  config: PreprocessorConfig,
  geometry: Geometry,
  tables: readonly Float32Array[],
  height: number,
  width: number,
): PrepareImage {
  if (config.do_resize && config.resize_arithmetic === "pillow") {
    const resize = pillowResize(geometry);
    const resized = new Uint8Array(3 * geometry.rows.outputs * geometry.columns.outputs);
    return (pixels, out, outAt) => {
      resize(pixels, height, resized, 0);
      lookUp(resized, tables, out, outAt);
    };
  }
  const resize = floatResize(geometry);
  const values = new Float32Array(3 * height * width);
  return (pixels, out, outAt) => {
    lookUp(pixels, tables, values, 0);
    resize(values, height, out, outAt);
  };
}

/** (byte · factor − mean) / std of every byte. */
function valuesOfBytes(config: PreprocessorConfig, channel: number): Float32Array {
  const factor = config.do_rescale ? config.rescale_factor : 1;
  const mean = config.do_normalize ? (config.image_mean?.[channel] ?? 0) : 0;
  const std = config.do_normalize ? (config.image_std?.[channel] ?? 1) : 1;
  return Float32Array.from({ length: 256 }, (_, byte) => (byte * factor - mean) / std);
}

function lookUp(pixels: Uint8Array, tables: readonly Float32Array[], out: Float32Array, outAt: number): void {
  const plane = pixels.length / 3;
  for (let channel = 0; channel < 3; channel++) {
    const table = tables[channel];
    for (let i = channel * plane; i < (channel + 1) * plane; i++) out[outAt + i] = table[pixels[i]];
  }
}

function notColour(name: string, channels: number): QueeError {
  return new QueeError({
    code: "E_PREPROCESSOR_UNSUPPORTED",
    kind: "input",
    where: name,
    expected: "images of 3 channels",
    got: String(channels),
  });
}

function notThere({ name, count }: ImageSplit<SplitRole>, index: number): QueeError {
  return new QueeError({
    code: "E_IMAGE_INDEX",
    kind: "internal",
    where: name,
    expected: `an image from 0 to ${count - 1}`,
    got: String(index),
  });
}
