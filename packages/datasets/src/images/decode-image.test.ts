import { fc, test } from "@fast-check/vitest";
import { QueeError } from "@quee/core";
import sharp, { type Sharp } from "sharp";
import { describe, expect } from "vitest";
import { errorOf } from "../testing/error-of.js";
import { decodeImage } from "./decode-image.js";

/** 3 wide, 2 high: red counts along the row, green along the column. */
const width = 3;
const height = 2;
const rgb = Uint8Array.from([0, 0, 9, 50, 0, 9, 100, 0, 9, 0, 70, 9, 50, 70, 9, 100, 70, 9]);
const picture = (): Sharp => sharp(rgb, { raw: { width, height, channels: 3 } });
const planes = [0, 50, 100, 0, 50, 100, 0, 0, 0, 70, 70, 70, 9, 9, 9, 9, 9, 9];

describe("every kind of pixel becomes bytes of R, G, B", () => {
  test.each([
    ["PNG", picture().png()],
    ["PNG with a palette", picture().png({ palette: true, quality: 100, dither: 0 })],
    ["lossless WebP", picture().webp({ lossless: true })],
    ["PNG with alpha: colours under it are kept", picture().ensureAlpha(0).png()],
    ["PNG of 16 bits: the upper 8", picture().toColourspace("rgb16").png()],
  ])("%s", async (_, image) => {
    const decoded = await decodeImage(await image.toBuffer());
    expect([decoded.height, decoded.width, ...decoded.pixels]).toEqual([height, width, ...planes]);
  });

  test("grey is repeated, 8 or 16 bits", async () => {
    const grey = Uint8Array.of(0, 128, 255);
    const image = () => sharp(grey, { raw: { width: 3, height: 1, channels: 1 } });
    for (const made of [image().png(), image().toColourspace("grey16").png()]) {
      expect([...(await decodeImage(await made.toBuffer())).pixels]).toEqual([...grey, ...grey, ...grey]);
    }
  });

  test("CMYK is converted by Pillow's formula, without a profile", async () => {
    const ink = Uint8Array.from(Array.from({ length: 64 }, () => [255, 0, 128, 51]).flat());
    const image = sharp(ink, { raw: { width: 8, height: 8, channels: 4 } });
    // What sharp takes for RGB with alpha is not ink: a JPEG of four components is made from a CMYK image only.
    const jpeg = await image.removeAlpha().toColourspace("cmyk").jpeg({ quality: 100 }).toBuffer();
    const { pixels } = await decodeImage(jpeg);
    const raw = await sharp(jpeg).pipelineColourspace("cmyk").toColourspace("cmyk").raw().toBuffer();
    const [c, m, y, k] = raw;
    const expected = [c, m, y].map((value) => 255 - k - Math.round((value * (255 - k)) / 255));
    expect([pixels[0], pixels[64], pixels[128]]).toEqual(expected);
  });

  test("of an animation it is the first frame", async () => {
    const frames = Buffer.concat([rgb, rgb.map((value) => 255 - value)]);
    const animated = sharp(frames, { raw: { width, height: 2 * height, channels: 3, pageHeight: height } });
    const decoded = await decodeImage(await animated.webp({ lossless: true }).toBuffer());
    expect([decoded.height, ...decoded.pixels]).toEqual([height, ...planes]);
  });
});

describe("EXIF orientation", () => {
  /** Rows of the red plane. */
  const rows = async (orientation: number, how: "exif" | "stored") => {
    const bytes = await picture().withMetadata({ orientation }).png().toBuffer();
    const image = await decodeImage(bytes, { orientation: how });
    const red = [...image.pixels.subarray(0, image.width * image.height)];
    return Array.from({ length: image.height }, (_, y) => red.slice(y * image.width, (y + 1) * image.width));
  };

  test.each([
    [
      1,
      [
        [0, 50, 100],
        [0, 50, 100],
      ],
    ],
    [
      2,
      [
        [100, 50, 0],
        [100, 50, 0],
      ],
    ],
    [
      3,
      [
        [100, 50, 0],
        [100, 50, 0],
      ],
    ],
    [
      4,
      [
        [0, 50, 100],
        [0, 50, 100],
      ],
    ],
    [
      5,
      [
        [0, 0],
        [50, 50],
        [100, 100],
      ],
    ],
    [
      6,
      [
        [0, 0],
        [50, 50],
        [100, 100],
      ],
    ],
    [
      7,
      [
        [100, 100],
        [50, 50],
        [0, 0],
      ],
    ],
    [
      8,
      [
        [100, 100],
        [50, 50],
        [0, 0],
      ],
    ],
  ])("%i turns, unless pixels are wanted as they are stored", async (orientation, expected) => {
    expect(await rows(orientation, "exif")).toEqual(expected);
    expect(await rows(orientation, "stored")).toEqual([
      [0, 50, 100],
      [0, 50, 100],
    ]);
  });
});

describe("damage", () => {
  test("what is no image is told by what it is", async () => {
    const refusal = async (bytes: Uint8Array) => (await errorOf(() => decodeImage(bytes, { file: "x.jpg" }))).message;
    expect(await refusal(new Uint8Array(0))).toBe("x.jpg: expected a JPEG, PNG or WebP image, got an empty file");
    expect(await refusal(Buffer.from("GIF89a"))).toContain("got a GIF image");
    expect(await refusal(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg">'))).toContain("got an SVG drawing");
    expect(await refusal(Buffer.from("version https://git-lfs.github.com/spec/v1"))).toContain("got a git-LFS pointer");
  });

  const made = Promise.all([
    picture().resize(40, 30).jpeg().toBuffer(),
    picture().resize(40, 30).png().toBuffer(),
    picture().resize(40, 30).webp().toBuffer(),
  ]);

  test.prop([fc.nat({ max: 2 }), fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 300 })(
    "any byte changed: decoded, or a named error",
    async (which, at, change) => {
      const bytes = Buffer.from((await made)[which]);
      bytes[at % bytes.length] ^= change;
      await decodeImage(bytes).catch((error) => expect(error).toBeInstanceOf(QueeError));
    },
  );

  test.prop([fc.nat({ max: 2 }), fc.nat()], { numRuns: 100 })("cut off: a named error", async (which, length) => {
    const bytes = (await made)[which];
    // The last bytes are no pixels.
    const cut = bytes.subarray(0, length % Math.floor(bytes.length * 0.9));
    expect((await errorOf(() => decodeImage(cut))).code).toMatch(/^E_IMAGE_/);
  });
});
