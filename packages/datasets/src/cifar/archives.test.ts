import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fc, test } from "@fast-check/vitest";
import { developmentFiles } from "@quee/tooling-testing";
import { afterAll, describe, expect } from "vitest";
import { errorOf } from "../testing/error-of.js";
import { tarGz } from "../testing/tar-gz.js";
import { cifar100CoarseLabels } from "./cifar100-class-names.js";
import { readCifar10 } from "./read-cifar10.js";
import { readCifar100 } from "./read-cifar100.js";

const root = mkdtempSync(join(tmpdir(), "quee-archives-"));
afterAll(() => rmSync(root, { recursive: true }));
const archive = join(root, "cifar-100-binary.tar.gz");

/** Record r has fine label r, its coarse label, and pixels (r + place) mod 251. */
function records(count: number): Uint8Array {
  return Uint8Array.from({ length: count * 3074 }, (_, at) => {
    const [record, place] = [Math.floor(at / 3074), at % 3074];
    return place === 0 ? cifar100CoarseLabels[record] : place === 1 ? record : (record + place) % 251;
  });
}

const folder = "cifar-100-binary";
writeFileSync(
  archive,
  tarGz([
    { name: `${folder}/fine_label_names.txt`, bytes: Buffer.from("apple\n") },
    { name: `${folder}/test.bin`, bytes: records(7) },
    { name: `${folder}/train.bin`, bytes: records(100) },
  ]),
);
const read = (...files: readonly { file: string; from?: number; count?: number }[]) =>
  readCifar100({ root, files, role: "train" });

describe("CIFAR-100 straight from its archive", () => {
  test("ranges of members, in any order, are what the same ranges of plain files are", async () => {
    const split = await read({ file: "train.bin", from: 90 }, { file: "test.bin", from: 1, count: 2 });
    expect([...split.labels]).toEqual([90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 1, 2]);
    expect(split.image(0)).toEqual(records(91).subarray(90 * 3074 + 2));
    expect([split.classCount, split.classNames[99], split.classNames[0]]).toEqual([100, "worm", "apple"]);
  });

  test("the archive itself may be named as the root", async () => {
    expect((await readCifar100({ root: archive, files: [{ file: "test.bin" }], role: "test" })).count).toBe(7);
  });

  test("a plain file is taken before the archive", async () => {
    writeFileSync(join(root, "test.bin"), records(3));
    expect((await read({ file: "test.bin" })).count).toBe(3);
    rmSync(join(root, "test.bin"));
  });

  test("a member that is not there is named, with those that are", async () => {
    const error = await errorOf(() => read({ file: "data_batch_1.bin" }));
    expect(error.message).toContain("data_batch_1.bin: expected a file of that name in the archive, got only test.bin");
  });

  test("a coarse label that does not go with the fine one", async () => {
    const bytes = records(4);
    bytes[2 * 3074] = 7;
    writeFileSync(join(root, "train.bin"), bytes);
    const error = await errorOf(() => read({ file: "train.bin" }));
    expect(error.message).toContain("record 2 (byte 6148): expected coarse label 14, as fine label 2 has, got 7");
    rmSync(join(root, "train.bin"));
  });
});

describe("damaged archives", () => {
  const whole = tarGz([{ name: "cifar-10-batches-bin/test_batch.bin", bytes: new Uint8Array(3073 * 40) }]);
  const readAt = (bytes: Uint8Array, name = "damaged.tar.gz") => {
    writeFileSync(join(root, name), bytes);
    return readCifar10({ root: join(root, name), files: [{ file: "test_batch.bin" }], role: "test" });
  };

  test("whole, it is read", async () => {
    expect((await readAt(whole)).count).toBe(40);
  });

  test.prop([fc.integer({ min: 0, max: whole.length - 9 })], { numRuns: 60 })("cut off anywhere", async (length) => {
    const error = await errorOf(() => readAt(whole.subarray(0, length)));
    expect(error.kind).toBe("input");
  });

  test("gzip of something else, and nothing compressed at all", async () => {
    expect((await errorOf(() => readAt(gzipSync("x".repeat(700))))).code).toBe("E_DATA_FORMAT");
    expect((await errorOf(() => readAt(Buffer.from("plain text")))).code).toBe("E_DATA_DAMAGED");
  });
});

const exact = developmentFiles("QUEE_DATA", "cifar100-exact-subset");

test.skipIf(exact === null)("published test images: 74 of CIFAR-100, coarse and fine labels agree", async () => {
  const split = await readCifar100({ root: exact as string, files: [{ file: "test_subset.bin" }], role: "test" });
  expect(split.count).toBe(74);
  expect(Math.max(...split.labels)).toBeLessThan(100);
  expect(new Set(split.labels).size).toBeGreaterThan(30);
});
