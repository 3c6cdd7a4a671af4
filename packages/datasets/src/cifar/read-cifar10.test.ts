import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { developmentFiles } from "@quee/tooling-testing";
import { afterAll, describe, expect, test } from "vitest";
import type { RecordFile } from "../files/record-file.js";
import { errorOf } from "../testing/error-of.js";
import { readCifar10 } from "./read-cifar10.js";

const root = mkdtempSync(join(tmpdir(), "quee-cifar-"));
afterAll(() => rmSync(root, { recursive: true }));

/** Record r has label r mod 10 and pixels (r + place) mod 251. */
function records(count: number, recordBytes = 3073): Uint8Array {
  return Uint8Array.from({ length: count * recordBytes }, (_, at) => {
    const [record, place] = [Math.floor(at / recordBytes), at % recordBytes];
    return place === 0 ? record % 10 : (record + place) % 251;
  });
}

function put(name: string, bytes: Uint8Array | string): string {
  writeFileSync(join(root, name), bytes);
  return name;
}

const read = (...files: readonly RecordFile[]) => readCifar10({ root, files, role: "train" });

describe("records", () => {
  put("twelve.bin", records(12));

  test("a whole file gives its labels and planes", async () => {
    const split = await read({ file: "twelve.bin" });
    expect([split.count, split.classCount, split.imageShape, split.role]).toEqual([12, 10, [3, 32, 32], "train"]);
    expect([...split.labels]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(split.image(11)).toEqual(records(12).subarray(11 * 3073 + 1));
    expect(split.classNames[split.labels[9]]).toBe("truck");
  });

  test("ranges of files are joined in the order of the config", async () => {
    const split = await read({ file: "twelve.bin", from: 9 }, { file: "twelve.bin", from: 2, count: 2 });
    expect([...split.labels]).toEqual([9, 0, 1, 2, 3]);
    expect(split.image(3)[0]).toBe(3);
    expect(split.image(3)).toHaveLength(3072);
  });

  test("only the range asked for is looked at: a bad label elsewhere does not matter", async () => {
    const bytes = records(5);
    bytes[4 * 3073] = 77;
    put("bad-end.bin", bytes);
    expect((await read({ file: "bad-end.bin", count: 4 })).count).toBe(4);
    const error = await errorOf(() => read({ file: "bad-end.bin", from: 3 }));
    expect(error.message).toBe(
      `${join(root, "bad-end.bin")}: record 4 (byte 12292): expected a label from 0 to 9, got 77. It is damaged or not CIFAR-10`,
    );
  });

  test("a link to a data file is followed", async () => {
    symlinkSync(join(root, "twelve.bin"), join(root, "link.bin"));
    expect((await read({ file: "link.bin" })).count).toBe(12);
  });
});

describe("refusals name the file, what was expected and what came", () => {
  test("3072 bytes too few", async () => {
    put("short.bin", records(2).subarray(0, 2 * 3073 - 3072));
    const error = await errorOf(() => read({ file: "short.bin" }));
    expect(error.message).toContain(`${join(root, "short.bin")}: expected a size that is a multiple of 3073`);
    expect(error.message).toContain("3074 bytes: 1 records and 1 bytes");
    expect(error.kind).toBe("input");
  });

  test("CIFAR-100, by its size or by its labels", async () => {
    put("hundred.bin", records(4, 3074));
    expect((await errorOf(() => read({ file: "hundred.bin" }))).hint).toContain("CIFAR-100");
    // As many bytes as 3074 records of CIFAR-10 or 3073 of CIFAR-100 have.
    const coarseLabels = new Uint8Array(3073 * 3074);
    coarseLabels[0] = 19;
    put("both-sizes.bin", coarseLabels);
    expect((await errorOf(() => read({ file: "both-sizes.bin", count: 1 }))).code).toBe("E_DATA_LABEL");
  });

  test.each([
    ["a Python pickle", Uint8Array.of(0x80, 0x02, 0x7d, 0x71), "binary version"],
    ["a gzip archive", Uint8Array.of(0x1f, 0x8b, 8, 0), "Name the files inside"],
    ["a zip archive", Uint8Array.of(0x50, 0x4b, 3, 4), "Unpack"],
    ["a git-LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "git lfs pull"],
    ["a git-annex pointer", "/annex/objects/MD5E-s3073--00.bin\n", "git annex get"],
    ["an HTML page", "<!DOCTYPE html><title>404</title>", "fetch the file again"],
  ])("%s", async (got, bytes, hint) => {
    const file = put("other.bin", bytes);
    const error = await errorOf(() => read({ file }));
    expect([error.code, error.kind, error.got]).toEqual(["E_DATA_FORMAT", "input", got]);
    expect(error.hint).toContain(hint);
  });

  test("an empty file, a folder, a missing file, a missing data folder", async () => {
    put("empty.bin", "");
    mkdirSync(join(root, "folder.bin"));
    expect((await errorOf(() => read({ file: "empty.bin" }))).code).toBe("E_DATA_EMPTY");
    expect((await errorOf(() => read({ file: "folder.bin" }))).got).toBe("a folder");
    const missing = await errorOf(() => read({ file: "twelve.bin" }, { file: "data_batch_3.bin" }));
    expect([missing.kind, missing.file]).toEqual(["input", join(root, "data_batch_3.bin")]);
    const noFolder = await errorOf(() =>
      readCifar10({ root: join(root, "nowhere"), files: [{ file: "a" }], role: "test" }),
    );
    expect([noFolder.kind, noFolder.file]).toEqual(["input", join(root, "nowhere")]);
    expect(
      (await errorOf(() => readCifar10({ root: join(root, "twelve.bin"), files: [{ file: "a" }], role: "test" }))).got,
    ).toBe("a file");
  });

  test("a range past the end", async () => {
    const error = await errorOf(() => read({ file: "twelve.bin", from: 10, count: 3 }));
    expect(error.message).toContain("expected a range within its 12 records, got from 10, count 3");
    expect((await errorOf(() => read({ file: "twelve.bin", from: 12 }))).code).toBe("E_DATA_RANGE");
  });

  test("one record twice in a split", async () => {
    const error = await errorOf(() => read({ file: "twelve.bin", count: 5 }, { file: "./twelve.bin", from: 4 }));
    expect([error.code, error.kind, error.where]).toEqual(["E_DATA_TWICE", "config", "files[1]"]);
  });

  test.each(["../twelve.bin", "/etc/passwd", "a/../../b", "a\0b"])(
    "a path that leaves the data folder: %j",
    async (file) => {
      expect((await errorOf(() => read({ file }))).code).toBe("E_DATA_PATH");
    },
  );

  test("no files at all", async () => {
    expect((await errorOf(() => read())).kind).toBe("config");
  });
});

const exact = developmentFiles("QUEE_DATA", "cifar10-exact-subset");

test.skipIf(exact === null)("published test images: 339 of them, all ten classes, plausible pixels", async () => {
  const split = await readCifar10({ root: exact as string, files: [{ file: "test_subset.bin" }], role: "test" });
  expect(split.count).toBe(339);
  expect(new Set(split.labels).size).toBe(10);
  const means = Array.from({ length: 339 }, (_, i) => split.image(i).reduce((a, b) => a + b, 0) / 3072);
  const mean = means.reduce((a, b) => a + b, 0) / 339;
  expect(mean).toBeGreaterThan(110);
  expect(mean).toBeLessThan(132);
});
