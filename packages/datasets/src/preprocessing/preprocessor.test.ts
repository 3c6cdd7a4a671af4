import { fc, test } from "@fast-check/vitest";
import { developmentFiles, expectAllclose } from "@quee/tooling-testing";
import { describe, expect } from "vitest";
import type { ImageSplit } from "../image-split.js";
import { parsePreprocessorConfig, readPreprocessorConfig } from "./config.js";
import { preprocessor } from "./preprocessor.js";

function splitOf(height: number, width: number, ...images: readonly ArrayLike<number>[]): ImageSplit<"test"> {
  return {
    name: "made up",
    role: "test",
    count: images.length,
    classCount: 1,
    classNames: ["one"],
    labels: new Int32Array(images.length),
    imageShape: [3, height, width],
    image: (i) => Uint8Array.from(images[i]),
  };
}

const raw = { do_resize: false, do_rescale: false, do_normalize: false };
const prepare = (config: object, split: ImageSplit<"test">, indices: readonly number[] = [0]) =>
  preprocessor(parsePreprocessorConfig(config))(split, indices);

describe("values", () => {
  test("bytes are rescaled, then normalised per channel", () => {
    const config = {
      ...raw,
      do_rescale: true,
      do_normalize: true,
      image_mean: [0.5, 0, 0.2],
      image_std: [0.5, 1, 0.1],
    };
    const { shape, data } = prepare(config, splitOf(1, 2, [0, 255, 51, 255, 51, 0]));
    expect(shape).toEqual([1, 3, 1, 2]);
    expectAllclose(data, [-1, 1, 0.2, 1, 0, -2], { atol: 1e-6 });
  });

  test("a batch holds the images in the order of their indices", () => {
    const split = splitOf(1, 1, [1, 2, 3], [4, 5, 6], [7, 8, 9]);
    const { shape, data } = prepare(raw, split, [2, 0, 2]);
    expect(shape).toEqual([3, 3, 1, 1]);
    expect([...data]).toEqual([7, 8, 9, 1, 2, 3, 7, 8, 9]);
    expect(prepare(raw, split, []).shape).toEqual([0, 3, 1, 1]);
    expect(() => prepare(raw, split, [0, 3])).toThrow("made up: expected an image from 0 to 2, got 3");
  });

  test("one preprocessor takes splits of several sizes", () => {
    const run = preprocessor(parsePreprocessorConfig({ ...raw, do_resize: true, size: { height: 2, width: 2 } }));
    expect(run(splitOf(1, 1, [1, 2, 3]), [0]).data).toEqual(Float32Array.of(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3));
    expect([...run(splitOf(2, 2, [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]), [0]).data.subarray(0, 4)]).toEqual([
      1, 2, 3, 4,
    ]);
  });
});

describe("float arithmetic", () => {
  const float = { ...raw, do_resize: true, resize_arithmetic: "float" };
  const sixteen = Array.from({ length: 16 }, (_, i) => i + 1);
  const planes = [...sixteen, ...sixteen, ...sixteen];

  // Expected values: ONNX v1.17.0 node tests resize_upsample_sizes_cubic (row 0 and column 0 of 9×10),
  // which has torch's half-pixel coordinates and a = −0.75.
  test("bicubic equals the ONNX vector", () => {
    const { data } = prepare({ ...float, resample: 3, size: { height: 9, width: 10 } }, splitOf(4, 4, planes));
    const row = [
      0.4550792, 0.6405792, 0.9715792, 1.4225792, 1.9073292, 2.2233293, 2.7080791, 3.1590793, 3.4900792, 3.6755793,
    ];
    const column = [0.4550792, 1.3943796, 2.9513068, 5.2052507, 6.88975, 8.5742493, 10.8281927, 12.3851204, 13.3244209];
    expectAllclose(data.subarray(0, 10), row, { atol: 1e-5 });
    expectAllclose(
      column.map((_, y) => data[y * 10]),
      column,
      { atol: 1e-5 },
    );
  });

  // Pillow 12.3.0 on float pixels (mode "F"); torch's antialias has the same weights. Edges do not repeat here.
  test.each([
    [2, [1.3, 2.5, 3.7, 2.7285714, 3.9285715, 5.1285715, 5.014286, 6.2142859, 7.4142857, 7.3000002, 8.5, 9.6999998]],
    [
      3,
      [
        0.8726237, 2.1826923, 3.4927609, 2.2454209, 3.5554895, 4.8655581, 4.8859868, 6.1960554, 7.506124, 7.1899309,
        8.5, 9.8100691,
      ],
    ],
  ])("antialiased, resample %i, equals Pillow on float pixels", (resample, expected) => {
    const { data } = prepare(
      { ...float, resample, antialias: true, size: { height: 7, width: 3 } },
      splitOf(4, 4, planes),
    );
    expectAllclose(data.subarray(0, 12), expected, { atol: 1e-5 });
  });

  test.prop([
    fc.uint8Array({ minLength: 3 * 5 * 4, maxLength: 3 * 5 * 4 }),
    fc.integer({ min: 1, max: 11 }),
    fc.integer({ min: 1, max: 11 }),
    fc.boolean(),
  ])("bilinear equals its definition, written plainly", (pixels, height, width, alignCorners) => {
    const split = splitOf(5, 4, pixels);
    const { data } = prepare({ ...float, size: { height, width }, align_corners: alignCorners }, split);
    const place = (o: number, inputs: number, outputs: number) =>
      alignCorners
        ? outputs === 1
          ? 0
          : (o * (inputs - 1)) / (outputs - 1)
        : Math.max(0, ((o + 0.5) * inputs) / outputs - 0.5);
    const expected: number[] = [];
    for (let plane = 0; plane < 3; plane++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const [v, u] = [place(y, 5, height), place(x, 4, width)];
          const [top, left] = [Math.floor(v), Math.floor(u)];
          const at = (row: number, column: number) => pixels[plane * 20 + Math.min(row, 4) * 4 + Math.min(column, 3)];
          const above = at(top, left) * (1 - (u - left)) + at(top, left + 1) * (u - left);
          const below = at(top + 1, left) * (1 - (u - left)) + at(top + 1, left + 1) * (u - left);
          expected.push(above * (1 - (v - top)) + below * (v - top));
        }
      }
    }
    expectAllclose(data, expected, { atol: 1e-3 });
  });

  test.prop([fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(0, 2, 3), fc.boolean()])(
    "one colour stays that colour",
    (height, width, resample, antialias) => {
      const split = splitOf(4, 6, new Uint8Array(72).fill(93));
      const { data } = prepare({ ...float, size: { height, width }, resample, antialias }, split);
      expectAllclose(data, new Float32Array(data.length).fill(93), { atol: 1e-3 });
    },
  );

  test("nearest takes the pixel at the rounded-down place", () => {
    const { data } = prepare(
      { ...float, resample: 0, size: { height: 1, width: 3 } },
      splitOf(1, 5, [1, 2, 3, 4, 5, ...Array(10).fill(0)]),
    );
    expect([...data.subarray(0, 3)]).toEqual([1, 2, 4]);
  });
});

describe("Pillow arithmetic", () => {
  // Pillow 12.3.0, Image.resize of a 5×4 RGB image; planes in hexadecimal.
  const input =
    "ed0314ff200000c139002b23000016bb09ff9dc3bfed560034ff000000fffe008aff2c6b00e334dbff29ff43ffcb0079ff0865ff4c523865000000ff";
  test.each([
    [
      0,
      7,
      3,
      "ed030314ffff202b232300000016bb0909ff9d9dc3bfeded56000034fe00008affff2c6b0000e33434dbff2929ff4343ff65ffff4c525238650000000000ff",
    ],
    [
      0,
      3,
      9,
      "ed1420ed142000c10000c1002b00162b00162b0016bbffc3bbffc3bf5634bf5634ff00ffff00fffe8a2cfe8a2cfe8a2c6be3db6be3dbffffffffffffcb7908cb7908654c38654c38654c386500ff6500ff",
    ],
    [
      2,
      7,
      3,
      "a6481648a079161613286130150b90473fb3827c8fd2b9883c123071ff6d14456f8996974139c88a88a7ef7752d79694b5988a7863956e2065573d171862c3",
    ],
    [
      2,
      3,
      9,
      "894480724d6f356440027217144013260e0e444a4e6396976fb3b3d3641ec85331ab276592079192438c917e8770878b4b89913d8a93a3a6ae9b9fa4868c89777c6f8e795ba475467d48624c14853a0092",
    ],
    [
      3,
      7,
      3,
      "bb4d0e4ac0880d0710275e270605a14231b5867f9bcdc79a39002575ff6a003f80929094312ad58e83a8fc6835e09592bd98907a60a8700b605943100961d0",
    ],
    [
      3,
      3,
      9,
      "903b8e754978316e44007b16083b0126060846404e669aa473bfc8df6c0bd15625b01e64930298923c978f808b6d8e8f468696358598aa9fb89e99ac808991707c73908150ab7c3d83495b480e8a31009d",
    ],
  ])("resample %i to %i×%i equals Pillow, byte for byte", (resample, width, height, expected) => {
    const { data } = prepare(
      { ...raw, do_resize: true, size: { height, width }, resample },
      splitOf(4, 5, Buffer.from(input, "hex")),
    );
    expect(Buffer.from(Uint8Array.from(data)).toString("hex")).toBe(expected);
  });

  test("nearest breaks ties as Pillow's running sum does", () => {
    const ramp = Array.from({ length: 96 }, (_, i) => i % 32);
    const { data } = prepare(
      { ...raw, do_resize: true, size: { height: 1, width: 24 }, resample: 0 },
      splitOf(1, 32, ramp),
    );
    expect([...data.subarray(0, 24)]).toEqual([
      0, 2, 3, 4, 5, 7, 8, 10, 11, 12, 14, 15, 16, 18, 19, 20, 21, 23, 24, 25, 27, 28, 29, 31,
    ]);
  });
});

describe("sizes", () => {
  const ramp = Array.from({ length: 3 * 2 * 6 }, (_, i) => i);

  test("the shortest edge keeps the shape", () => {
    expect(prepare({ ...raw, do_resize: true, size: { shortest_edge: 3 } }, splitOf(2, 6, ramp)).shape).toEqual([
      1, 3, 3, 9,
    ]);
    expect(prepare({ ...raw, do_resize: true, size: { shortest_edge: 3 } }, splitOf(6, 2, ramp)).shape).toEqual([
      1, 3, 9, 3,
    ]);
  });

  test("a centre crop cuts alike on both sides, the odd pixel at the end", () => {
    const { data } = prepare({ ...raw, do_center_crop: true, crop_size: { height: 1, width: 3 } }, splitOf(2, 6, ramp));
    expect([...data]).toEqual([1, 2, 3, 13, 14, 15, 25, 26, 27]);
  });

  test("a crop of a resized image is the middle of it", () => {
    const resize = { ...raw, do_resize: true, size: { height: 8, width: 8 }, resize_arithmetic: "float" };
    const whole = prepare(resize, splitOf(2, 6, ramp)).data;
    const cropped = prepare(
      { ...resize, do_center_crop: true, crop_size: { height: 4, width: 2 } },
      splitOf(2, 6, ramp),
    );
    expect(cropped.shape).toEqual([1, 3, 4, 2]);
    expect([...cropped.data.subarray(0, 2)]).toEqual([whole[2 * 8 + 3], whole[2 * 8 + 4]]);
  });

  test("an odd margin is cut as Hugging Face does, or as torchvision", () => {
    const row = Array.from({ length: 3 * 9 }, (_, i) => i % 9);
    const crop = { ...raw, do_center_crop: true, crop_size: { height: 1, width: 2 } };
    const cut = (config: object) => [...prepare(config, splitOf(1, 9, row)).data.subarray(0, 2)];
    expect(cut(crop)).toEqual([3, 4]);
    expect(cut({ ...crop, crop_rounding: "half-even" })).toEqual([4, 5]);
  });

  test("a strip is cropped without its length, and refused where nothing crops it", () => {
    const strip = splitOf(1, 50_000, new Uint8Array(150_000).fill(7));
    const resize = { ...raw, do_resize: true, size: { shortest_edge: 224 }, resample: 3 };
    const cropped = prepare({ ...resize, do_center_crop: true, crop_size: { height: 224, width: 224 } }, strip);
    expect([cropped.shape[3], cropped.data[0], cropped.data.at(-1)]).toEqual([224, 7, 7]);
    expect(() => prepare(resize, strip)).toThrow(
      "preprocessed image: expected at most 67108864 pixels, got 224×11200000",
    );
  });

  test("a crop larger than the image is refused", () => {
    expect(() =>
      prepare({ ...raw, do_center_crop: true, crop_size: { height: 2, width: 7 } }, splitOf(2, 6, ramp)),
    ).toThrow("crop_size.width: expected at most 6, the width after resizing, got 7");
  });
});

describe("what is not implemented is refused, not ignored", () => {
  const resize = { ...raw, do_resize: true, size: { height: 2, width: 2 } };
  test.each([
    ["an unknown key", { ...raw, do_pad: true }, "do_pad"],
    ["another filter", { ...resize, resample: 6 }, "resample"],
    ["Lanczos on floats", { ...resize, resample: 1, resize_arithmetic: "float" }, "resample"],
    ["a missing size", { ...raw, do_resize: true }, "size: needed by do_resize"],
    ["missing means", { ...raw, do_normalize: true }, "image_mean: needed by do_normalize"],
    [
      "a spread of zero",
      { ...raw, do_normalize: true, image_mean: [0, 0, 0], image_std: [1, 0, 1] },
      "image_std: above 0",
    ],
    ["no antialias with Pillow", { ...resize, antialias: false }, "antialias"],
    ["aligned corners with Pillow", { ...resize, align_corners: true }, "align_corners"],
    [
      "aligned corners and antialias",
      { ...resize, resize_arithmetic: "float", antialias: true, align_corners: true },
      "align_corners",
    ],
  ])("%s", (_, config, message) => {
    expect(() => prepare(config, splitOf(1, 1, [0, 0, 0]))).toThrow(message);
  });

  test("the file is named where there is one", () => {
    expect(() => parsePreprocessorConfig({ do_resize: 1 }, "m/preprocessor_config.json")).toThrow(
      /^m\/preprocessor_config.json: do_resize: expected/,
    );
  });

  test("a missing file is an input error", async () => {
    await expect(readPreprocessorConfig("no/such/preprocessor_config.json")).rejects.toMatchObject({ kind: "input" });
  });
});

const config = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10", "preprocessor_config.json");

test.skipIf(config === null)("the config of the T2T-ViT-7 is understood", async () => {
  const prepareImage = preprocessor(await readPreprocessorConfig(config as string));
  const { shape, data } = prepareImage(splitOf(32, 32, new Uint8Array(3072).fill(255)), [0]);
  expect(shape).toEqual([1, 3, 64, 64]);
  expect(data[0]).toBeCloseTo((1 - 0.4914) / 0.247, 5);
  expect(data[2 * 64 * 64]).toBeCloseTo((1 - 0.4465) / 0.2616, 5);
});
