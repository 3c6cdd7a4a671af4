import { QueeError } from "@quee/core";

/** Stored blocks of a deflate stream hold at most this many bytes. */
const blockBytes = 65_535;

/**
 * A small image as `data:image/png;base64,…`, uncompressed: a 32 × 32 image takes 4 KiB.
 * @param planes red, then green, then blue, each [height, width], 0 … 255
 */
export function imageDataUri(planes: ArrayLike<number>, width: number, height: number): string {
  const area = width * height;
  if (!(Number.isInteger(area) && area > 0) || planes.length !== 3 * area) {
    throw new QueeError({
      code: "E_IMAGE_SHAPE",
      kind: "internal",
      where: "image",
      expected: `3 × ${height} × ${width} values`,
      got: String(planes.length),
    });
  }
  // Each row begins with the number of its filter; 0 is none.
  const rows = new Uint8Array(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        rows[y * (1 + 3 * width) + 1 + 3 * x + channel] = planes[channel * area + y * width + x] as number;
      }
    }
  }
  return `data:image/png;base64,${base64(pngFile(rows, width, height))}`;
}

function pngFile(rows: Uint8Array, width: number, height: number): Uint8Array {
  // 8 bits per channel, colour type 2 (RGB), deflate, adaptive filters, not interlaced.
  const header = joined([bigEndian(width), bigEndian(height), Uint8Array.of(8, 2, 0, 0, 0)]);
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return joined([signature, chunk("IHDR", header), chunk("IDAT", storedZlib(rows)), chunk("IEND", new Uint8Array())]);
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = joined([Uint8Array.from(type, (letter) => letter.charCodeAt(0)), data]);
  return joined([bigEndian(data.length), body, bigEndian(crc32(body))]);
}

/** A zlib stream (RFC 1950) of stored deflate blocks (RFC 1951, 3.2.4). */
function storedZlib(data: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x78, 0x01)];
  for (let from = 0; from < data.length; from += blockBytes) {
    const block = data.subarray(from, from + blockBytes);
    const isLast = from + blockBytes >= data.length ? 1 : 0;
    const length = block.length;
    parts.push(Uint8Array.of(isLast, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255), block);
  }
  return joined([...parts, bigEndian(adler32(data))]);
}

function adler32(data: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (const byte of data) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return b * 65_536 + a;
}

function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function bigEndian(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function base64(bytes: Uint8Array): string {
  // btoa takes text of one character per byte.
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
