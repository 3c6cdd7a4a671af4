import { QueeError } from "@quee/core";
import type { Image } from "../image-split.js";
import { decodeImage } from "./decode-image.js";
import { loadSharp } from "./sharp-door.js";

/** The image as a JPEG file of this quality would give it back. @param quality 1 … 100 */
export async function jpegRoundTrip({ height, width, pixels }: Image, quality: number): Promise<Image> {
  if (!Number.isInteger(quality) || quality < 1 || quality > 100) {
    throw new QueeError({
      code: "E_JPEG_QUALITY",
      kind: "config",
      where: "quality",
      expected: "a whole number from 1 to 100",
      got: String(quality),
    });
  }
  const area = height * width;
  const interleaved = Uint8Array.from({ length: 3 * area }, (_, k) => pixels[(k % 3) * area + Math.floor(k / 3)]);
  const sharp = await loadSharp();
  const file = await sharp(interleaved, { raw: { height, width, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  return decodeImage(file, { orientation: "stored" });
}
