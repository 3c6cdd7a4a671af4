import { QueeError } from "@quee/core";
import { decodeImage, type Image, type PreprocessorConfig, planesOfRgb, preprocessor } from "@quee/datasets";
import { sizeOf, type Tensor } from "@quee/tensor";

/** An image as somebody has it. */
export type Picture =
  /** Three bytes R, G, B a pixel, row by row. */
  | { readonly width: number; readonly height: number; readonly data: Uint8Array | Uint8ClampedArray }
  /** Preprocessed, [C, H, W]. */
  | Tensor
  /** A JPEG, PNG or WebP file; it is decoded by the package `sharp`. */
  | Uint8Array;

/** What is given at once: one picture, several, or a preprocessed batch [N, C, H, W]. */
export type Pictures = Picture | readonly Picture[];

export function picturesOf(images: Pictures): readonly Picture[] {
  if (Array.isArray(images)) return images;
  const one = images as Picture;
  if (!isTensor(one) || one.shape.length !== 4) return [one];
  const [count = 0, ...shape] = one.shape;
  const size = one.data.length / count;
  return Array.from({ length: count }, (_, i) => ({ shape, data: one.data.subarray(i * size, (i + 1) * size) }));
}

/** Makes pictures what block 1 takes in. @param imageShape [C, H, W] */
export function pictureReader(preprocessing: PreprocessorConfig, imageShape: readonly number[]) {
  const prepare = preprocessor(preprocessing);
  return async (picture: Picture, index: number): Promise<Tensor> => {
    const where = `image ${index}`;
    if (isTensor(picture)) return checkedTensor(picture, imageShape, where);
    // Preparing is work of this thread: others get their turn between two images.
    await new Promise((next) => setImmediate(next));
    const image =
      picture instanceof Uint8Array ? await decodeImage(picture, { file: where }) : rgbImage(picture, where);
    const { shape, data } = prepare(asSplit(image, where), [0]);
    if (shape.slice(1).join() !== imageShape.join())
      throw refused(where, `a preprocessed image [${imageShape.join(", ")}]`, `[${shape.slice(1).join(", ")}]`);
    return { shape: imageShape, data };
  };
}

function isTensor(picture: Picture): picture is Tensor {
  return "shape" in picture;
}

function checkedTensor({ shape, data }: Tensor, imageShape: readonly number[], where: string): Tensor {
  if (shape.join() !== imageShape.join() || data.length !== sizeOf(shape)) {
    throw refused(where, `the shape [${imageShape.join(", ")}]`, `[${shape.join(", ")}] and ${data.length} values`);
  }
  if (!areFinite(data)) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    throw refused(`${where}, value ${at}`, "a finite number", String(data[at]));
  }
  return { shape, data };
}

/**
 * Zero times each, summed: NaN as soon as one is not finite. Every image pays for it, so there are four sums: additions do not wait for each
 * other. Values that are left over come once more.
 */
function areFinite(data: Float32Array): boolean {
  let [a, b, c, d] = [0, 0, 0, 0];
  const most = data.length - 4;
  for (let i = 0; i <= most; i += 4) {
    a += 0 * (data[i] as number);
    b += 0 * (data[i + 1] as number);
    c += 0 * (data[i + 2] as number);
    d += 0 * (data[i + 3] as number);
  }
  for (let i = Math.max(0, most); i < data.length; i++) a += 0 * (data[i] as number);
  return a + b + c + d === 0;
}

function rgbImage({ width, height, data }: Exclude<Picture, Tensor | Uint8Array>, where: string): Image {
  const isSize = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!isSize || data?.length !== 3 * width * height) {
    throw refused(
      where,
      "3 bytes for each of width × height pixels",
      `${width} × ${height} pixels and ${data?.length} bytes`,
    );
  }
  return {
    width,
    height,
    pixels: planesOfRgb(data instanceof Uint8Array ? data : new Uint8Array(data.buffer, data.byteOffset, data.length)),
  };
}

/** One image in the form that preprocessors read. */
function asSplit({ width, height, pixels }: Image, name: string) {
  return {
    ...{ name, role: "test" as const, count: 1, classCount: 1, labels: new Int32Array(1), classNames: [] },
    imageShape: [3, height, width] as const,
    image: () => pixels,
  };
}

function refused(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_PICTURE", kind: "input", where, expected, got });
}
