import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fc, test as property } from "@fast-check/vitest";
import { expect, onTestFinished, test } from "vitest";
import { sweepTemporaryFiles, writeFileAtomically } from "./atomic-write.js";
import { writeDurably } from "./durable-write.js";
import { sha256, sha256OfFile } from "./sha256.js";
import { failureOf, temporaryFolder } from "./temporary-folder.test.data.js";

test("writes bytes, text and pieces, replaces what was there, and leaves nothing else", async () => {
  const folder = temporaryFolder(onTestFinished);
  const file = join(folder, "a.bin");
  await writeFileAtomically(file, new Uint8Array([1, 2, 3]));
  expect([...readFileSync(file)]).toEqual([1, 2, 3]);
  await writeFileAtomically(file, "größer");
  expect(readFileSync(file, "utf8")).toBe("größer");
  await writeFileAtomically(file, [new Uint8Array([9]), new Uint8Array([8, 7])]);
  expect([...readFileSync(file)]).toEqual([9, 8, 7]);
  expect(readdirSync(folder)).toEqual(["a.bin"]);
});

test("the digest is that of the file", async () => {
  const file = join(temporaryFolder(onTestFinished), "a.txt");
  const digest = await writeFileAtomically(file, "abc");
  // FIPS 180-4, the example of one block.
  expect(digest).toEqual({ bytes: 3, sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" });
  expect(await sha256OfFile(file)).toEqual(digest);
});

test("a source of pieces that fails half-way leaves the old file and nothing else", async () => {
  const folder = temporaryFolder(onTestFinished);
  const file = join(folder, "a.bin");
  await writeFileAtomically(file, "old");
  async function* pieces(): AsyncIterable<Uint8Array> {
    yield new Uint8Array(10);
    throw new Error("the source broke");
  }
  expect(await failureOf(() => writeFileAtomically(file, pieces()))).toMatchObject({ message: "the source broke" });
  expect(readFileSync(file, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["a.bin"]);
});

test("a missing folder, and a file in the place of a folder, are named with what the system said", async () => {
  const folder = temporaryFolder(onTestFinished);
  const lost = join(folder, "lost", "a.bin");
  expect(await failureOf(() => writeFileAtomically(lost, "x"))).toMatchObject({
    name: "QueeError",
    kind: "environment",
    code: "E_FILE_MISSING",
    file: lost,
    got: expect.stringContaining("ENOENT (no such file or directory)"),
  });
  writeFileSync(join(folder, "file"), "");
  expect(await failureOf(() => writeFileAtomically(join(folder, "file", "a"), "x"))).toMatchObject({
    code: "E_FILE_SHAPE",
  });
  mkdirSync(join(folder, "target"));
  expect(await failureOf(() => writeFileAtomically(join(folder, "target"), "x"))).toMatchObject({
    code: "E_FILE_SHAPE",
    file: join(folder, "target"),
  });
  expect(readdirSync(folder).sort()).toEqual(["file", "target"]);
});

test.skipIf(!existsSync("/dev/full"))(
  "a full disk is an environment error with the bytes that were asked for",
  async () => {
    expect(await failureOf(() => writeDurably("/dev/full", new Uint8Array(5000), { existing: true }))).toMatchObject({
      kind: "environment",
      code: "E_DISK_FULL",
      file: "/dev/full",
      expected: "to write 5000 bytes",
      got: expect.stringContaining("ENOSPC"),
    });
  },
);

test.skipIf(userInfo().uid === 0)("a read-only folder is an environment error", async () => {
  const folder = temporaryFolder(onTestFinished);
  chmodSync(folder, 0o555);
  const failure = await failureOf(() => writeFileAtomically(join(folder, "a"), "x"));
  chmodSync(folder, 0o755);
  expect(failure).toMatchObject({ kind: "environment", code: "E_FILE_PERMISSION" });
});

test("sweeping removes temporary files and nothing that looks a little like them", async () => {
  const folder = temporaryFolder(onTestFinished);
  const temporary = ".a.json.0b5c3e52-6d5f-4a0c-9d7c-1f2e3d4c5b6a.tmp";
  for (const name of [temporary, "a.json", ".hidden", "x.tmp", ".a.tmp"]) writeFileSync(join(folder, name), "");
  expect(await sweepTemporaryFiles(folder)).toEqual([temporary]);
  expect(readdirSync(folder).sort()).toEqual([".a.tmp", ".hidden", "a.json", "x.tmp"]);
});

property.prop([fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 })], { numRuns: 30 })(
  "pieces arrive as their concatenation",
  async (pieces) => {
    const file = join(temporaryFolder(onTestFinished), "a");
    const whole = Buffer.concat(pieces);
    expect(await writeFileAtomically(file, pieces)).toEqual({ bytes: whole.length, sha256: sha256(whole) });
    expect(readFileSync(file).equals(whole)).toBe(true);
  },
);
