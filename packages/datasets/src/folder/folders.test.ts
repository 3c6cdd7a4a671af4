import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parsePreprocessorConfig } from "../preprocessing/config.js";
import { preprocessor } from "../preprocessing/preprocessor.js";
import { calibrationSubset } from "../subsets.js";
import { errorOf } from "../testing/error-of.js";
import { sortedByCodePoint } from "./code-points.js";
import { openDataFolder, trainingPart } from "./open-data-folder.js";
import { readImageFolder } from "./read-image-folder.js";

const root = mkdtempSync(join(tmpdir(), "quee-folders-"));
afterAll(() => rmSync(root, { recursive: true }));

let png: Buffer;
let wide: Buffer;
beforeAll(async () => {
  const image = (width: number, height: number) =>
    sharp({ create: { width, height, channels: 3, background: { r: 10, g: 20, b: 30 } } });
  png = await image(4, 2).png().toBuffer();
  wide = await image(9, 3).jpeg().toBuffer();
});

function put(folder: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  const path = join(root, folder);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes);
  }
  return path;
}

describe("class folders", () => {
  test("are classes by code points; hidden and other files are passed over; names may be anything", async () => {
    const path = put("odd", {
      "Zebra/1.PNG": png,
      "apple/b.png": png,
      "apple/a b.jpeg": wide,
      "apple/deeper/c.png": png,
      "éclair/x.webp": png,
      "😀/x\ny.png": png,
      ".hidden/x.png": png,
      "apple/Thumbs.db": "x",
      "apple/.DS_Store": "x",
      "README.md": "x",
    });
    const split = await readImageFolder({ root: path, role: "train" });
    expect(split.classNames).toEqual(["Zebra", "apple", "éclair", "😀"]);
    expect([...split.labels]).toEqual([0, 1, 1, 1, 2, 3]);
    expect(split.file(1)).toBe(join(path, "apple/a b.jpeg"));
    expect(await split.decode(1)).toMatchObject({ height: 3, width: 9 });
    const { height, width, pixels } = await split.decode(0);
    expect([height, width, ...pixels.subarray(0, 8), pixels[8], pixels[16]]).toEqual([
      2,
      4,
      ...Array(8).fill(10),
      20,
      30,
    ]);
  });

  test("code points, not halves of them, decide the order", () => {
    expect(sortedByCodePoint(["\uffee", "😀", "a"])).toEqual(["a", "\uffee", "😀"]);
  });

  test("links to folders are followed where classes are, and not below: no loop", async () => {
    const path = put("links", { "a/1.png": png });
    symlinkSync(path, join(path, "a/back"));
    symlinkSync(join(path, "a"), join(path, "b"));
    const split = await readImageFolder({ root: path, role: "test" });
    expect([split.count, split.classNames]).toEqual([2, ["a", "b"]]);
  });

  test("an empty class, no images at all, a missing folder, a path that leaves", async () => {
    const path = put("empty", { "a/1.png": png, "b/readme.txt": "x" });
    const empty = await errorOf(() => readImageFolder({ root: path, role: "test" }));
    expect([empty.code, empty.file]).toEqual(["E_DATA_EMPTY", join(path, "b")]);
    const nothing = put("nothing", { "x.txt": "x" });
    expect((await errorOf(() => readImageFolder({ root: nothing, role: "test" }))).code).toBe("E_DATA_EMPTY");
    expect((await errorOf(() => readImageFolder({ root: path, folder: "no", role: "test" }))).code).toBe(
      "E_DATA_MISSING",
    );
    expect((await errorOf(() => readImageFolder({ root: path, folder: "..", role: "test" }))).code).toBe("E_DATA_PATH");
  });

  test("validation classes must be the training classes", async () => {
    const path = put("classes", { "train/a/1.png": png, "train/b/1.png": png, "val/a/1.png": png, "val/c/1.png": png });
    const folder = await openDataFolder(path);
    const error = await errorOf(() => folder.read("validation", "validation"));
    expect(error.message).toContain(
      "expected the 2 classes of the training images, got 1 missing (b) and 1 others (c)",
    );
  });
});

describe("damaged images", () => {
  test("are named when they are decoded, not before", async () => {
    const path = put("damaged", { "a/1.png": png, "a/2.png": png.subarray(0, 40), "a/3.jpg": "GIF89a" });
    const split = await readImageFolder({ root: path, role: "train" });
    expect(split.count).toBe(3);
    const cut = await errorOf(() => split.decode(1));
    expect([cut.code, cut.file, cut.kind]).toEqual(["E_IMAGE_DAMAGED", join(path, "a/2.png"), "input"]);
    expect((await errorOf(() => split.decode(2))).got).toBe("a GIF image");
  });

  test("a bomb is refused by its header", async () => {
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    const split = await readImageFolder({ root: put("bomb", { "a/1.png": bomb }), role: "train" });
    const { code, got } = await errorOf(() => split.decode(0));
    expect([code, got]).toEqual(["E_IMAGE_SIZE", "60000×60000"]);
  });
});

describe("batches of files", () => {
  const crop = {
    do_resize: true,
    size: { shortest_edge: 4 },
    do_center_crop: true,
    crop_size: { height: 4, width: 4 },
  };
  const config = { do_rescale: false, do_normalize: false };

  test("of different shapes come out of one shape, in the order of the indices", async () => {
    const path = put("batch", { "a/1.png": png, "a/2.jpg": wide });
    const split = await readImageFolder({ root: path, role: "train" });
    const { shape, data } = await preprocessor(parsePreprocessorConfig({ ...config, ...crop }))(split, [1, 0, 1]);
    expect(shape).toEqual([3, 3, 4, 4]);
    expect([data[48], data[48 + 16], data[48 + 32]]).toEqual([10, 20, 30]);
  });

  test("of different shapes and no crop are refused, and told what to do", async () => {
    const split = await readImageFolder({ root: join(root, "batch"), role: "train" });
    const prepare = preprocessor(parsePreprocessorConfig({ ...config, do_resize: true, size: { shortest_edge: 4 } }));
    const error = await errorOf(() => prepare(split, [0, 1]));
    expect([error.code, error.hint]).toEqual(["E_PREPROCESSOR_SIZES", expect.stringContaining("centre crop")]);
  });
});

describe("a folder is opened by looking at it", () => {
  test.each([
    ["cifar10", { "data_batch_1.bin": "", "test_batch.bin": "" }, "cifar10", ["train", "test"]],
    ["cifar10 packed", { "cifar-10-binary.tar.gz": "" }, "cifar10", ["train", "test"]],
    ["cifar100", { "train.bin": "", "test.bin": "" }, "cifar100", ["train", "test"]],
    ["svhn", { "test_32x32.mat": "" }, "svhn", ["test"]],
    ["imagenet", { "train/n01/1.png": "", "val/n01/1.png": "", "devkit/x": "" }, "images", ["train", "validation"]],
    [
      "kaggle",
      { "ILSVRC/Data/CLS-LOC/train/n1/a.png": "", "ILSVRC/Data/CLS-LOC/val/a.png": "" },
      "images",
      ["train", "validation"],
    ],
    ["classes", { "cat/1.png": "", "train/1.png": "" }, "images", ["all"]],
    ["flat", { "1.png": "", "2.png": "" }, "images", ["all"]],
  ])("%s", async (name, files, layout, parts) => {
    expect(await openDataFolder(put(`look ${name}`, files))).toMatchObject({ layout, parts });
  });

  test.each([
    [3073, "cifar10"],
    [3074, "cifar100"],
  ])("records of %i bytes are known by their size, whatever their files are called", async (bytes, layout) => {
    const some = { "mine.bin": new Uint8Array(2 * bytes), "my_test.bin": new Uint8Array(bytes) };
    const folder = await openDataFolder(put(`sizes ${bytes}`, some));
    expect([folder.layout, folder.parts]).toEqual([layout, ["train", "test"]]);
    const both = put(`both ${bytes}`, { "mine.bin": new Uint8Array(3073 * 3074) });
    expect((await errorOf(() => openDataFolder(both))).code).toBe("E_DATA_LAYOUT");
  });

  test("nothing known is told with what is known", async () => {
    const error = await errorOf(() => openDataFolder(put("strange", { "a.csv": "", "b.csv": "" })));
    expect([error.code, error.got]).toEqual(["E_DATA_LAYOUT", "a.csv, b.csv"]);
    const pickles = await errorOf(() => openDataFolder(put("pickles", { data_batch_1: "", "batches.meta": "" })));
    expect(pickles.hint).toContain("binary version");
  });

  test("ImageNet's validation images in one folder: labels from names, from Kaggle's or from Caffe's list", async () => {
    const train = { "train/n00000001/1.png": png, "train/n00000002/1.png": png };
    const names = put("wnid names", { ...train, "val/v1_n00000002.png": png, "val/v2_n00000001.png": png });
    const kaggle = put("wnid kaggle", {
      ...train,
      "val/v1.png": png,
      "val/v2.png": png,
      "LOC_val_solution.csv":
        "ImageId,PredictionString\nv2,n00000001 1 2 3 4\nv1,n00000002 1 2 3 4 n00000002 9 9 9 9\n",
    });
    const caffe = put("wnid caffe", {
      ...train,
      "val/v1.png": png,
      "val/v2.png": png,
      "val.txt": "v1.png 1\nv2.png 0\n",
    });
    for (const path of [names, kaggle, caffe]) {
      const split = await (await openDataFolder(path)).read("validation", "test");
      expect([path, split.role, ...split.labels, ...split.classNames]).toEqual([
        path,
        "test",
        1,
        0,
        "n00000001",
        "n00000002",
      ]);
    }
  });

  test("images without labels say so, and calibrate all the same", async () => {
    const folder = await openDataFolder(put("unlabelled", { "1.png": png, "2.png": png, "3.png": png }));
    const split = await folder.read("all", "train");
    expect([split.classCount, ...split.labels]).toEqual([0, -1, -1, -1]);
    expect(calibrationSubset(split, 2, 0)).toMatchObject({ role: "calibration", count: 2 });
  });

  test("one file or one folder of it may be named instead of a part", async () => {
    const bytes = new Uint8Array(4 * 3073);
    const cifar = await openDataFolder(put("one file", { "data_batch_2.bin": bytes, "test_batch.bin": bytes }));
    const some = await cifar.readFile({ file: "test_batch.bin", from: 1, count: 2 }, "validation");
    expect([some.role, some.count]).toEqual(["validation", 2]);
    const images = await openDataFolder(
      put("one folder", { "train/a/1.png": png, "mine/a/1.png": png, "mine/b/2.png": png }),
    );
    expect((await images.readFile({ file: "mine" }, "train")).count).toBe(2);
    const error = await errorOf(() => images.readFile({ file: "mine", from: 1 }, "train"));
    expect(error.expected).toBe("a folder of images, without a range");
  });

  test("the part that may shape a network is never the test part", async () => {
    const partOf = async (name: string, files: Readonly<Record<string, Uint8Array>>) =>
      trainingPart(await openDataFolder(put(name, files)));
    expect(await partOf("some parts", { "test/a/1.png": png, "train/a/1.png": png })).toBe("train");
    expect(await partOf("no parts", { "a/1.png": png })).toBe("all");
    expect((await errorOf(() => partOf("only test", { "test/a/1.png": png }))).code).toBe("E_DATA_ONLY_TEST");
  });
});
