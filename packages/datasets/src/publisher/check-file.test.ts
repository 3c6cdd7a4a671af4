import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { checkPublishedFile } from "./check-file.js";
import { publications } from "./publications.js";

const root = mkdtempSync(join(tmpdir(), "quee-check-"));
afterAll(() => rmSync(root, { recursive: true }));
writeFileSync(join(root, "set.bin"), "right");

const published = {
  name: "set.bin",
  url: "http://127.0.0.1/set.bin",
  bytes: 5,
  md5: createHash("md5").update("right").digest("hex"),
};
const statusOf = async (file: object) => (await checkPublishedFile(root, { ...published, ...file }))[0].status;

test("size and checksum are compared, in this order", async () => {
  expect(await statusOf({})).toBe("good");
  expect(await statusOf({ md5: "0".repeat(32) })).toBe("wrong checksum");
  expect(await statusOf({ bytes: 6 })).toBe("wrong size");
  expect(await statusOf({ name: "other.bin" })).toBe("missing");
  mkdirSync(join(root, "folder.bin"));
  expect(await statusOf({ name: "folder.bin" })).toBe("missing");
});

test("the files of an archive do as well as the archive", async () => {
  const unpacked = [
    { name: "set.bin", bytes: 5 },
    { name: "more.bin", bytes: 1 },
  ];
  const checked = await checkPublishedFile(root, { ...published, name: "set.tar.gz", unpacked });
  expect(checked.map(({ name, status }) => `${name} ${status}`)).toEqual(["set.bin good", "more.bin missing"]);
  const none = await checkPublishedFile(root, { ...published, name: "set.tar.gz", unpacked: unpacked.slice(1) });
  expect(none.map(({ name, status }) => `${name} ${status}`)).toEqual(["set.tar.gz missing"]);
});

test("publishers' files have a checksum, a size and an address of their own", () => {
  const files = Object.values(publications).flatMap(({ files }) => [...files]);
  expect(new Set(files.map(({ url }) => url)).size).toBe(files.length);
  for (const { md5, url, name } of files) {
    expect(md5).toMatch(/^[0-9a-f]{32}$/);
    expect(url.endsWith(`/${name}`)).toBe(true);
  }
});
