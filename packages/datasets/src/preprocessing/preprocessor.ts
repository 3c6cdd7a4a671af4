import type { SplitRole } from "@quee/core";
import { QueeError } from "@quee/core";
import { type Tensor, zeros } from "@quee/tensor";
import { inParallel } from "../files/in-parallel.js";
import type { AnyImageSplit, Image, ImageFileSplit, ImageSplit } from "../image-split.js";
import type { PreprocessorConfig } from "./config.js";
import { checkSupported, type Geometry, geometryOf } from "./geometry.js";
import { floatResize, pillowResize } from "./resize.js";

/**
 * Images at `indices` as the model wants them; image files are decoded on the way, a few at a time. Memory is that of the
 * result and of a few decoded images.
 * @returns [B, 3, H, W]
 */
export interface Preprocessor {
  (split: ImageSplit<SplitRole>, indices: ArrayLike<number>): Tensor;
  (split: ImageFileSplit<SplitRole>, indices: ArrayLike<number>): Promise<Tensor>;
  (split: AnyImageSplit<SplitRole>, indices: ArrayLike<number>): Tensor | Promise<Tensor>;
}

/** Prepares one image of known size: writes [3, H, W] values into `out` from `outAt`. */
type PrepareImage = (pixels: Uint8Array, out: Float32Array, outAt: number) => void;

interface Prepared {
  readonly geometry: Geometry;
  readonly prepare: PrepareImage;
}

/** Sizes of images whose weights are kept: files of a folder may all differ. */
const sizesKept = 8;
/** Image files that are decoded at a time: enough that one is ready when another is resized, and few when they are large. */
const decodedAtOnce = 2;

/**
 * What a model's `preprocessor_config.json` asks for. With `resize_arithmetic: "float"` pixels are rescaled and normalised
 * before they are resized, since a table of 256 values does it and both orders are equal up to rounding (weights sum to 1).
 */
export function preprocessor(config: PreprocessorConfig): Preprocessor {
  checkSupported(config);
  const tables = [0, 1, 2].map((channel) => valuesOfBytes(config, channel));
  const known = new Map<string, Prepared>();

  const forSize = (height: number, width: number): Prepared => {
    const size = `${height}x${width}`;
    let prepared = known.get(size);
    if (prepared === undefined) {
      const geometry = geometryOf(config, height, width);
      prepared = { geometry, prepare: prepareImage(config, geometry, tables, height, width) };
      const [oldest] = known.keys();
      if (known.size >= sizesKept && oldest !== undefined) known.delete(oldest);
      known.set(size, prepared);
    }
    return prepared;
  };

  const inMemory = (split: ImageSplit<SplitRole>, indices: ArrayLike<number>): Tensor => {
    const [channels, height, width] = split.imageShape;
    if (channels !== 3) throw notColour(split.name, channels);
    const { geometry, prepare } = forSize(height, width);
    const out = batchOf(indices.length, geometry);
    for (let b = 0; b < indices.length; b++) {
      prepare(split.image(existing(split, indices[b])), out.data, b * areaOf(geometry));
    }
    return out;
  };

  const fromFiles = async (split: ImageFileSplit<SplitRole>, indices: ArrayLike<number>): Promise<Tensor> => {
    let out: Tensor | undefined;
    await inParallel(indices.length, decodedAtOnce, async (b) => {
      const { height, width, pixels }: Image = await split.decode(existing(split, indices[b]));
      const { geometry, prepare } = forSize(height, width);
      const { rows, columns } = geometry;
      out ??= batchOf(indices.length, geometry);
      if (out.shape[2] !== rows.outputs || out.shape[3] !== columns.outputs) {
        throw otherSize(split.file(indices[b]), out.shape, [rows.outputs, columns.outputs]);
      }
      prepare(pixels, out.data, b * areaOf(geometry));
    });
    return out ?? zeros([0, 3, 0, 0]);
  };

  return ((split: AnyImageSplit<SplitRole>, indices: ArrayLike<number>) =>
    "decode" in split ? fromFiles(split, indices) : inMemory(split, indices)) as Preprocessor;
}

function batchOf(count: number, { rows, columns }: Geometry): Tensor {
  return zeros([count, 3, rows.outputs, columns.outputs]);
}

function areaOf({ rows, columns }: Geometry): number {
  return 3 * rows.outputs * columns.outputs;
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
    const resized = new Uint8Array(areaOf(geometry));
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

function otherSize(file: string, [, , height, width]: readonly number[], got: readonly number[]): QueeError {
  return new QueeError({
    code: "E_PREPROCESSOR_SIZES",
    kind: "input",
    file,
    where: "preprocessed image",
    expected: `${height}×${width}, as the others of its batch`,
    got: got.join("×"),
    hint: "Images of different shapes need a centre crop, or a size with height and width, in preprocessor_config.json",
  });
}

function existing({ name, count }: AnyImageSplit<SplitRole>, index: number): number {
  if (index >= 0 && index < count) return index;
  throw new QueeError({
    code: "E_IMAGE_INDEX",
    kind: "internal",
    where: name,
    expected: `an image from 0 to ${count - 1}`,
    got: String(index),
  });
}
