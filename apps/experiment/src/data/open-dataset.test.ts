import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { overlappingImages, parsePreprocessorConfig, preprocessor } from "@quee/datasets";
import { developmentFiles } from "@quee/tooling-testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type DatasetConfig, datasetSchema } from "../config/dataset-schema.js";
import { openDataset } from "../stages/dataset.js";
import { thumbnail } from "./thumbnail.js";

const root = mkdtempSync(join(tmpdir(), "quee-open-dataset-"));
afterAll(() => rmSync(root, { recursive: true }));

const configOf = (config: object): DatasetConfig => datasetSchema.parse(config);
const rangesOf = (file: string, from: number, count: number) => ({ files: [{ file, from, count }] });

describe("CIFAR-100 with validation images drawn from the training images", () => {
  beforeAll(() => {
    mkdirSync(join(root, "cifar100"));
    // Coarse label 4 goes with fine label 0.
    const record = (n: number) =>
      Uint8Array.of(4, 0, ...Array.from({ length: 3072 }, (_, i) => (i * 7 + n * 13) % 256));
    const records = (from: number, count: number) =>
      Buffer.concat(Array.from({ length: count }, (_, i) => record(from + i)));
    writeFileSync(join(root, "cifar100", "train.bin"), records(0, 40));
    writeFileSync(join(root, "cifar100", "test.bin"), records(100, 12));
  });
  const train = { files: [{ file: "train.bin" }] };
  const test_ = { files: [{ file: "test.bin" }] };

  test("none is in both, and another seed draws others", async () => {
    const open = (seed: number) =>
      openDataset(configOf({ name: "cifar100", train, validation: { fromTrain: 10, seed }, test: test_ }), root);
    const one = await open(0);
    expect([one.train.count, one.validation.count, one.test.count]).toEqual([30, 10, 12]);
    expect([one.train.role, one.validation.role]).toEqual(["train", "validation"]);
    expect(await overlappingImages(one.train, one.validation)).toBe(0);
    const other = await open(1);
    expect(other.digest("validation")).not.toBe(one.digest("validation"));
    expect((await open(0)).digest("train")).toBe(one.digest("train"));
  });

  test("ranges of records do the same by hand", async () => {
    const config = {
      name: "cifar100",
      train: rangesOf("train.bin", 0, 35),
      validation: rangesOf("train.bin", 35, 5),
      test: test_,
    };
    const { train: trained, validation } = await openDataset(configOf(config), root);
    expect([trained.count, validation.count]).toEqual([35, 5]);
  });
});

describe("image folders", () => {
  const sample = developmentFiles("QUEE_DATA", "images-modes", "hopper.jpg");

  test.skipIf(sample === null)("are split, drawn from, prepared and shown", async () => {
    for (const folder of ["train/cat", "train/dog", "val/cat", "val/dog"]) {
      mkdirSync(join(root, "pets", folder), { recursive: true });
      for (let i = 0; i < 8; i++) copyFileSync(sample as string, join(root, "pets", folder, `${i}.jpg`));
    }
    const config = configOf({
      name: "images",
      root: "pets",
      train: { folder: "train", images: 9 },
      validation: { fromTrain: 6 },
      test: { folder: "val" },
    });
    const dataset = await openDataset(config, root);
    expect([dataset.train.count, dataset.validation.count, dataset.test.count]).toEqual([9, 6, 16]);
    expect(dataset.test.classNames).toEqual(["cat", "dog"]);
    const files = (split: typeof dataset.train | typeof dataset.validation) =>
      Array.from({ length: split.count }, (_, i) => ("file" in split ? split.file(i) : ""));
    expect(files(dataset.train).filter((file) => files(dataset.validation).includes(file))).toEqual([]);

    const prepare = preprocessor(
      parsePreprocessorConfig({ do_resize: true, size: { height: 32, width: 32 }, do_normalize: false }),
    );
    expect((await prepare(dataset.train, [0, 8])).shape).toEqual([2, 3, 32, 32]);
    expect(await thumbnail(dataset.test, 0)).toMatch(/^data:image\/png;base64,/);

    const [changed = ""] = files(dataset.train);
    utimesSync(changed, 1, 1);
    const again = await openDataset(config, root);
    expect(again.digest("train")).not.toBe(dataset.digest("train"));
    expect(again.digest("test")).toBe(dataset.digest("test"));
  });
});

test("the configs of docs/datasets.md are configs", () => {
  const text = readFileSync(new URL("../../../../docs/datasets.md", import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, block]) => parse(block ?? ""));
  expect(blocks.map((block) => datasetSchema.parse(block).name)).toEqual([
    "cifar10",
    "cifar100",
    "svhn",
    "imagenet",
    "images",
  ]);
});

test.each([
  ["an unknown dataset", { name: "mnist" }],
  [
    "a test folder that is trained on",
    { name: "imagenet", train: { folder: "train" }, validation: { folder: "val" }, test: { folder: "train" } },
  ],
  [
    "a validation folder that is tested on",
    { name: "imagenet", train: { folder: "train" }, validation: { folder: "val" }, test: { folder: "val" } },
  ],
  [
    "plain images without a root",
    { name: "images", train: { folder: "a" }, validation: { fromTrain: 1 }, test: { folder: "b" } },
  ],
  [
    "validation images said in two ways",
    {
      name: "svhn",
      train: { files: [{ file: "a" }] },
      validation: { fromTrain: 5, files: [] },
      test: { files: [{ file: "b" }] },
    },
  ],
])("%s is refused by the schema", (_, config) => {
  expect(datasetSchema.safeParse(config).success).toBe(false);
});
