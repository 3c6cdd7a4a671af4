import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { QueeError } from "@quee/core";
import { decodeImageFile, openDataFolder, readCifar10, readCifar100, readMatFile, readSvhn } from "@quee/datasets";
import { developmentFiles } from "@quee/tooling-testing";
import { describe, expect, test } from "vitest";

const data = developmentFiles("QUEE_DATA", "svhn-format") === null ? null : (process.env["QUEE_DATA"] as string);

/** What became of each file: read, or the code of the error that refused it. Anything else fails the test. */
async function outcomes(files: readonly string[], read: (file: string) => Promise<unknown>) {
  const found = new Map<string, string>();
  for (const file of files) {
    try {
      await read(file);
      found.set(file, "read");
    } catch (error) {
      if (!(error instanceof QueeError)) throw error;
      expect([file, error.kind, error.file?.endsWith(file)]).toEqual([file, "input", true]);
      found.set(file, error.code);
    }
  }
  return found;
}

function report(name: string, found: ReadonlyMap<string, string>, good: (file: string) => boolean): void {
  const wrong = [...found].filter(([file, outcome]) => (outcome === "read") !== good(file));
  expect(wrong).toEqual([]);
  const read = [...found.values()].filter((outcome) => outcome === "read").length;
  const codes = [...new Set(found.values())].filter((outcome) => outcome !== "read").sort();
  console.log(
    `${name}: ${read} read right, ${found.size - read} refused by name (${codes.join(", ") || "none"}), 0 crashed`,
  );
}

const filesUnder = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => statSync(join(folder, file)).isFile() && !/LICENSE|\.txt$/.test(file))
    .sort();

describe.skipIf(data === null)("format samples and damaged files", () => {
  const folder = (name: string) => join(data as string, name);

  test("svhn-format", async () => {
    const root = folder("svhn-format");
    const read = (file: string) => readSvhn({ root, files: [{ file }], role: "test" });
    const isGood = (file: string) => /^(tiny_(un)?compressed|ok_|extra_vars|mnistcolor)/.test(file);
    const expected = await read("tiny_uncompressed.mat");
    expect([...expected.labels]).toEqual([7, 2, 1, 0, 4, 1, 4, 9]);
    const found = await outcomes(filesUnder(root), async (file) => {
      const split = await read(file);
      expect([file, ...split.labels.subarray(0, 8)]).toEqual([file, ...expected.labels]);
      for (let i = 0; i < 8; i++) expect(split.image(i)).toEqual(expected.image(i));
    });
    report("svhn-format", found, isGood);
    expect(found.size).toBe(23);
  });

  test("200 MB out of 200 kB are refused before they are unpacked", async () => {
    const before = process.memoryUsage().rss;
    const bomb = readSvhn({ root: folder("svhn-format"), files: [{ file: "bomb_200MB.mat" }], role: "test" });
    await expect(bomb).rejects.toMatchObject({ code: "E_MAT_DAMAGED" });
    expect(process.memoryUsage().rss - before).toBeLessThan(50e6);
  });

  test("mat-files", async () => {
    const root = folder("mat-files");
    const known = new Map<string, readonly number[]>([
      ["test3dmatrix", Array.from({ length: 24 }, (_, i) => i + 1)],
      ["testdouble", Array.from({ length: 9 }, (_, i) => (i * Math.PI) / 4)],
      ["testminus", [-1]],
      ["testbools", [1, 0]],
      ["floats", [2, 3, 3, 4]],
    ]);
    const found = await outcomes(filesUnder(root), (file) =>
      readMatFile(join(root, file), async ({ name, numeric }) => {
        const values = numeric === null ? [] : [...(await numeric.readAll())];
        if (known.has(name)) expect([file, values]).toEqual([file, known.get(name)]);
      }),
    );
    // Other versions, damage, and two files with element types that the format does not have at their places.
    const bad = /_4\.2c_|^debigged_m4|^test_mat4|^testvec_4|^testhdf5|^bad_|^corrupted|^malformed|^mi(uint32|utf8)/;
    report("mat-files", found, (file) => !bad.test(file));
    expect(found.size).toBe(111);
  });

  // Pixels of the good ones are compared with Pillow's in pillow-resize.test.ts.
  test.each([
    ["images-modes", 83],
    ["images-hostile", 42],
  ])("%s", async (name, count) => {
    const root = folder(name);
    const decodable = /\.(png|jpg|webp)$/;
    const damaged = /^(broken|broken_data_stream|truncated_image)\.png$|^truncated_jpeg\.jpg$/;
    const found = await outcomes(filesUnder(root), (file) => decodeImageFile(join(root, file)));
    report(name, found, (file) => decodable.test(file) && !damaged.test(file));
    expect(found.size).toBe(count);
  });

  test("exact subsets of CIFAR", async () => {
    const files = [{ file: "test_subset.bin" }];
    const ten = await readCifar10({ root: folder("cifar10-exact-subset"), files, role: "test" });
    const hundred = await readCifar100({ root: folder("cifar100-exact-subset"), files, role: "test" });
    const indices = (name: string) =>
      readFileSync(join(folder(name), "test_indices.txt"), "utf8").match(/\d+/g)?.length;
    expect([ten.count, hundred.count]).toEqual([indices("cifar10-exact-subset"), indices("cifar100-exact-subset")]);
    // Each layout read as the other is refused.
    await expect(readCifar100({ root: folder("cifar10-exact-subset"), files, role: "test" })).rejects.toMatchObject({
      code: "E_DATA_SIZE",
      hint: expect.stringContaining("CIFAR-10 "),
    });
    console.log(`exact subsets: ${ten.count} images of CIFAR-10 and ${hundred.count} of CIFAR-100 read`);
  });

  test.each([
    ["cifar10", "cifar10", ["train", "test"], 30_000],
    ["cifar100-exact-subset", "cifar100", ["test"], 74],
    ["svhn-format", "svhn", ["test"], 10_000],
    ["images-modes/apng", "images", ["all"], 8],
  ])("the folder %s is opened by looking at it", async (name, layout, parts, count) => {
    const opened = await openDataFolder(folder(name));
    expect([opened.layout, opened.parts]).toEqual([layout, parts]);
    const split = await opened.read(opened.parts[0] as (typeof opened.parts)[number], "train");
    expect(split.count).toBe(count);
  });
});
