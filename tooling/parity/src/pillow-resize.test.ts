import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { decodeImageFile, type ImageSplit, parsePreprocessorConfig, preprocessor } from "@quee/datasets";
import { developmentFiles } from "@quee/tooling-testing";
import { describe, expect, test } from "vitest";

// Written by fixtures/pillow_resize.py, with Pillow.
const expected = JSON.parse(readFileSync(new URL("./fixtures/pillow-resize.json", import.meta.url), "utf8")) as {
  readonly made: Readonly<Record<string, readonly string[]>>;
  readonly samples: Readonly<Record<string, string>>;
  readonly views: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
const filters = ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"];

interface Picture {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** The first 16 digits of the SHA-256 of bytes. */
const digest = (bytes: ArrayLike<number>) =>
  createHash("sha256").update(Uint8Array.from(bytes)).digest("hex").slice(0, 16);

function resized(picture: Picture, config: object): ArrayLike<number> {
  const { height, width, pixels } = picture;
  const split: ImageSplit<"test"> = {
    name: "picture",
    role: "test",
    count: 1,
    classCount: 1,
    classNames: [""],
    labels: new Int32Array(1),
    imageShape: [3, height, width],
    image: () => pixels,
  };
  const prepare = preprocessor(
    parsePreprocessorConfig({ do_resize: true, do_rescale: false, do_normalize: false, ...config }),
  );
  return prepare(split, [0]).data;
}

/** Image n of the script's formula. */
function made(n: number): Picture {
  const [height, width] = [5 + ((n * 37) % 90), 7 + ((n * 53) % 110)];
  const pixels = Uint8Array.from({ length: 3 * height * width }, (_, at) => {
    const [c, y, x] = [Math.floor(at / (height * width)), Math.floor(at / width) % height, at % width];
    return ((x * 73 + y * 151 + c * 199 + n * 37) ^ ((x * y) >> 2)) & 255;
  });
  return { height, width, pixels };
}

test.each(filters)("20 made images resized with %s are Pillow's, byte for byte", (filter) => {
  const digests = Array.from({ length: 20 }, (_, n) => {
    const size = { height: 1 + ((n * 29) % 120), width: 1 + ((n * 41) % 100) };
    return digest(resized(made(n), { size, resample: filters.indexOf(filter) }));
  });
  expect(digests).toEqual(expected.made[filter]);
});

const data = developmentFiles("QUEE_DATA", "images-modes");

describe.skipIf(data === null)("image files", () => {
  const fileOf = (name: string) => `${data}/../${name}`;

  test("every file that Pillow reads is decoded to Pillow's pixels", async ({ annotate }) => {
    const names = Object.keys(expected.samples);
    for (const name of names) {
      const { pixels } = await decodeImageFile(fileOf(name));
      expect([name, digest(pixels)]).toEqual([name, expected.samples[name]]);
    }
    await annotate(`${names.length} image files decoded, all pixels equal to Pillow's`);
    expect(names.length).toBeGreaterThanOrEqual(45);
  });

  test("20 files, shorter edge 256, cropped to 224, with four filters: Pillow's pixels", async ({ annotate }) => {
    let equal = 0;
    for (const [name, digests] of Object.entries(expected.views)) {
      const picture = await decodeImageFile(fileOf(name));
      for (const [filter, wanted] of Object.entries(digests)) {
        const config = {
          size: { shortest_edge: 256 },
          resample: filters.indexOf(filter),
          do_center_crop: true,
          crop_size: { height: 224, width: 224 },
        };
        expect([name, filter, digest(resized(picture, config))]).toEqual([name, filter, wanted]);
        equal++;
      }
    }
    await annotate(`${equal} of ${equal} views (20 images, 4 filters) equal to Pillow's, byte for byte`);
    expect(equal).toBe(80);
  });
});
