import { crc32, inflateSync } from "node:zlib";
import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { imageDataUri } from "./png.js";

/** Reads a PNG of 8-bit RGB without filters, with Node's own zlib; checks every CRC. */
function readPng(uri: string): { width: number; height: number; pixels: Buffer } {
  const file = Buffer.from(uri.replace("data:image/png;base64,", ""), "base64");
  expect(file.subarray(0, 8).toString("latin1")).toBe("\u0089PNG\r\n\u001a\n");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    expect(file.readUInt32BE(at + 8 + length)).toBe(crc32(body));
    chunks.set(body.subarray(0, 4).toString("latin1"), body.subarray(4));
    at += 12 + length;
  }
  expect([...chunks.keys()]).toEqual(["IHDR", "IDAT", "IEND"]);
  const header = chunks.get("IHDR")!;
  return { width: header.readUInt32BE(0), height: header.readUInt32BE(4), pixels: inflateSync(chunks.get("IDAT")!) };
}

const size = fc.tuple(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }));
const images = size.chain(([width, height]) =>
  fc.tuple(
    fc.constant(width),
    fc.constant(height),
    fc.uint8Array({ minLength: 3 * width * height, maxLength: 3 * width * height }),
  ),
);

property.prop([images])("another reader sees the same pixels", ([width, height, planes]) => {
  const png = readPng(imageDataUri(planes, width, height));
  expect([png.width, png.height]).toEqual([width, height]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (1 + 3 * width) + 1 + 3 * x;
      const expected = [0, 1, 2].map((channel) => planes[channel * width * height + y * width + x]);
      expect([...png.pixels.subarray(at, at + 3)]).toEqual(expected);
    }
  }
});

test("an image of more than one stored block is whole", () => {
  const planes = Uint8Array.from({ length: 3 * 224 * 224 }, (_, i) => (i * 31) % 256);
  expect(readPng(imageDataUri(planes, 224, 224)).pixels).toHaveLength(224 * (1 + 3 * 224));
});

test("planes that do not fill the image are refused", () => {
  expect(() => imageDataUri(new Uint8Array(3 * 32 * 32 - 1), 32, 32)).toThrow("expected 3 × 32 × 32 values, got 3071");
  expect(() => imageDataUri(new Uint8Array(0), 0, 0)).toThrow();
});
