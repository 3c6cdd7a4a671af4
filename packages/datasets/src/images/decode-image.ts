import { invalidData } from "../files/data-errors.js";
import { withDataFile } from "../files/read-bytes.js";
import type { Image } from "../image-split.js";
import { imageFormat } from "./image-format.js";
import { planesOfCmyk, planesOfRgb } from "./planes.js";
import { loadSharp } from "./sharp-door.js";

/** Pixels that an image may have: Pillow warns from here on. As RGB bytes, 268 MB. */
const mostPixels = 89_478_485;
/** Of a compressed file: it is read whole. */
const mostFileBytes = 2 ** 28;

/** Whether a photograph is turned as its EXIF data say. torchvision and timm do not; Hugging Face's loader does. */
export type Orientation = "exif" | "stored";

/**
 * Decodes a JPEG, PNG or WebP file to RGB bytes, whatever its name. Grey is repeated; palettes are looked up; 16 bits give
 * their upper 8; alpha is dropped, colour profiles are ignored and CMYK is converted by Pillow's formula, so that pixels equal
 * those of Pillow's `convert("RGB")`. Of an animation it is the first frame.
 */
export async function decodeImageFile(file: string, { orientation = "exif" as Orientation } = {}): Promise<Image> {
  const bytes = await withDataFile(file, ({ size, read }) => {
    if (size <= mostFileBytes) return read(0, size);
    throw refused(file, "E_IMAGE_SIZE", `at most ${mostFileBytes} bytes`, `${size} bytes`);
  });
  return decodeImage(bytes, { orientation, file });
}

/** @param file named in errors */
export async function decodeImage(
  bytes: Uint8Array,
  { orientation = "exif" as Orientation, file = "image" } = {},
): Promise<Image> {
  const kind = imageFormat(bytes);
  if ("other" in kind) throw refused(file, "E_IMAGE_FORMAT", "a JPEG, PNG or WebP image", kind.other);
  const sharp = await loadSharp();
  // Pillow ignores colour profiles; so do the libraries whose accuracies are published.
  const options = { failOn: "error", ignoreIcc: true, limitInputPixels: false, sequentialRead: true } as const;
  const open = () => sharp(bytes, options);
  const { width, height, space } = await orRefuse(file, open().metadata());
  if (width * height > mostPixels) {
    throw refused(file, "E_IMAGE_SIZE", `at most ${mostPixels} pixels`, `${width}×${height}`);
  }
  const upright = orientation === "exif" ? open().autoOrient() : open();
  if (space === "cmyk") {
    const cmyk = upright.pipelineColourspace("cmyk").toColourspace("cmyk").raw();
    const { data, info } = await orRefuse(file, cmyk.toBuffer({ resolveWithObject: true }));
    return { height: info.height, width: info.width, pixels: planesOfCmyk(data) };
  }
  const rgb = upright.toColourspace("srgb").removeAlpha().raw();
  const { data, info } = await orRefuse(file, rgb.toBuffer({ resolveWithObject: true }));
  return { height: info.height, width: info.width, pixels: planesOfRgb(data) };
}

async function orRefuse<Result>(file: string, result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (cause) {
    const got = cause instanceof Error ? cause.message.replaceAll("\n", " ").trim() : String(cause);
    throw invalidData({
      code: "E_IMAGE_DAMAGED",
      file,
      expected: "an image that decodes",
      got: got.slice(0, 200),
      hint: "It is cut off or damaged; fetch it again or take it out",
      cause,
    });
  }
}

function refused(file: string, code: string, expected: string, got: string) {
  return invalidData({ code, file, expected, got });
}
