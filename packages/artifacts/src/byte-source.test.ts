import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { byteSourceOf, openByteSource } from "./byte-source.js";
import { temporaryFolder } from "./temporary-folder.test.data.js";

test("pieces of a file and of memory are the bytes that lie there", () => {
  const file = join(temporaryFolder(onTestFinished), "numbers.bin");
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  writeFileSync(file, bytes);
  for (const source of [openByteSource(file), byteSourceOf(file, bytes), byteSourceOf(file, Buffer.from(bytes))]) {
    expect(source).toMatchObject({ name: file, length: 100 });
    expect([...source.read(7, 3)]).toEqual([7, 8, 9]);
    expect(source.read(100, 0)).toHaveLength(0);
    expect(source.read(7, 3).buffer.byteLength).toBe(3);
    expect(() => source.read(98, 3)).toThrow(/numbers\.bin: bytes from 98: expected 3, got 2/);
  }
});

test("a file that is gone or cut is an error that names it", () => {
  const file = join(temporaryFolder(onTestFinished), "numbers.bin");
  expect(() => openByteSource(file)).toThrow(expect.objectContaining({ kind: "artifact", file }));
  writeFileSync(file, new Uint8Array(100));
  const source = openByteSource(file);
  truncateSync(file, 50);
  expect(() => source.read(40, 20)).toThrow(expect.objectContaining({ kind: "artifact", file }));
});
