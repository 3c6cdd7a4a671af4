import { otherFileKind } from "../files/file-kind.js";

/** Formats that are decoded, by what the first bytes say; the name of a file does not matter. */
export type ImageFormat = "jpeg" | "png" | "webp";

const signatures: readonly { readonly kind: string; readonly at: number; readonly bytes: string }[] = [
  { kind: "jpeg", at: 0, bytes: "\xff\xd8\xff" },
  { kind: "png", at: 0, bytes: "\x89PNG\r\n\x1a\n" },
  { kind: "webp", at: 8, bytes: "WEBP" },
  { kind: "a GIF image", at: 0, bytes: "GIF8" },
  { kind: "a TIFF image", at: 0, bytes: "II*\0" },
  { kind: "a TIFF image", at: 0, bytes: "MM\0*" },
  { kind: "a BMP image", at: 0, bytes: "BM" },
  { kind: "a JPEG 2000 image", at: 4, bytes: "jP  " },
  { kind: "a JPEG 2000 image", at: 0, bytes: "\xff\x4f\xff\x51" },
  { kind: "an AVIF or HEIF image", at: 4, bytes: "ftyp" },
  { kind: "an icon", at: 0, bytes: "\0\0\x01\0" },
  { kind: "a Photoshop file", at: 0, bytes: "8BPS" },
  { kind: "a DDS texture", at: 0, bytes: "DDS " },
];

/** The format of an image, or what else the bytes are. */
export function imageFormat(head: Uint8Array): { readonly format: ImageFormat } | { readonly other: string } {
  const text = Buffer.from(head.subarray(0, 512)).toString("latin1");
  if (text.length === 0) return { other: "an empty file" };
  const found = signatures.find(({ at, bytes }) => text.startsWith(bytes, at))?.kind;
  if (found === "jpeg" || found === "png" || found === "webp") return { format: found };
  if (found !== undefined) return { other: found };
  if (/^P[1-7]\s/.test(text)) return { other: "a PNM image" };
  if (/<svg/i.test(text)) return { other: "an SVG drawing" };
  return { other: otherFileKind(head)?.got ?? "no image that is known" };
}
