import { test as propertyTest } from "@fast-check/vitest";
import { bits } from "@quee/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodePathTable } from "./decode.js";
import { encodePathTable } from "./encode.js";
import { preambleBytes } from "./header.js";
import { createPathTable } from "./table.js";
import { randomTable } from "./testing/random-table.js";

const space = { levels: [bits(8), bits(6)], exitCount: 2, order: "monotone", firstBlock: "highest" } as const;
const bytes = encodePathTable(randomTable("train", { space, count: 5, classCount: 3, seed: 1 }));

propertyTest.prop([fc.integer(), fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.nat(7)])(
  "a table survives its file, from any byte offset",
  (seed, count, classCount, offset) => {
    const table = randomTable("calibration", { space, count, classCount, seed });
    const encoded = encodePathTable(table);
    const shifted = new Uint8Array(encoded.length + offset);
    shifted.set(encoded, offset);
    const decoded = decodePathTable(shifted.subarray(offset), "calibration");
    expect(decoded.role).toBe("calibration");
    expect(decoded.paths).toEqual(table.paths);
    expect(decoded.labels).toEqual(table.labels);
    for (const path of table.paths) expect(decoded.probabilities(path)).toEqual(table.probabilities(path));
    expect(encodePathTable(decoded)).toEqual(encoded);
  },
);

test("the bytes are what the format says", () => {
  const table = createPathTable({
    role: "test",
    classCount: 2,
    labels: Int32Array.of(1),
    paths: [[bits(8)]],
    probabilities: [Float32Array.of(0.25, 0.75)],
  });
  const encoded = encodePathTable(table);
  const json = '{"format":"quee-path-table","version":1,"role":"test","count":1,"classCount":2,"paths":[[8]]}';
  const text = new TextDecoder().decode(encoded);
  expect(text.slice(0, 8)).toBe("QUEEPATH");
  expect([...encoded.subarray(8, 12)]).toEqual([json.length, 0, 0, 0]);
  expect(text.slice(preambleBytes, preambleBytes + json.length)).toBe(json);
  expect([...encoded.subarray(-12)]).toEqual([1, 0, 0, 0, 0, 0, 0x80, 0x3e, 0, 0, 0x40, 0x3f]);
});

propertyTest.prop([fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 6 }), fc.integer()])(
  "exit features of the paths asked for survive their file",
  (count, width, seed) => {
    const plain = randomTable("train", { space, count, classCount: 3, seed });
    const number = (path: readonly number[], i: number) => Math.fround(path.length + i / 7);
    const table = {
      ...plain,
      exitFeatures: (path: readonly number[]) =>
        Float32Array.from({ length: count * width }, (_, i) => number(path, i)),
    };
    const featurePaths = [[bits(8)], [bits(8), bits(6)]];
    const encoded = encodePathTable(table, { featurePaths });
    const decoded = decodePathTable(encoded, "train");
    for (const path of featurePaths) expect(decoded.exitFeatures?.(path)).toEqual(table.exitFeatures(path));
    for (const path of table.paths) expect(decoded.probabilities(path)).toEqual(table.probabilities(path));
    expect(encodePathTable(decoded, { featurePaths })).toEqual(encoded);
    expect(decoded.exitFeatures?.([bits(6)])).toEqual(new Float32Array(0));
    // Nobody who does not ask for features pays for them.
    expect(encodePathTable(decoded)).toEqual(encodePathTable(plain));
    expect(() => decodePathTable(encoded.subarray(0, encoded.length - 4), "train")).toThrow(/length of the file/);
  },
);

test("features that a table does not have cannot be written", () => {
  const plain = randomTable("train", { space, count: 2, classCount: 3, seed: 1 });
  expect(() => encodePathTable(plain, { featurePaths: [[bits(8)]] })).toThrow(/exit features of 8: .* got one without/);
  const uneven = { ...plain, exitFeatures: () => new Float32Array(5) };
  expect(() => encodePathTable(uneven, { featurePaths: [[bits(8)]] })).toThrow(/2 rows of one width, got 5 numbers/);
});

test("a file of another role is refused by name", () => {
  expect(() => decodePathTable(bytes, "test", { file: "tables/test.qpt" })).toThrow(
    /^tables\/test\.qpt: role: expected samples for test, got samples for train/,
  );
});

test("every cut of a file is refused", () => {
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodePathTable(bytes.subarray(0, length), "train")).toThrow(
      expect.objectContaining({ kind: "artifact" }),
    );
  }
});

test("bytes behind the end are refused", () => {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  expect(() => decodePathTable(longer, "train")).toThrow(/length of the file: expected \d+ bytes, got \d+/);
});

const withHeader = (json: string) => {
  const header = new TextEncoder().encode(json);
  const file = new Uint8Array(preambleBytes + header.length);
  file.set(bytes.subarray(0, 8));
  new DataView(file.buffer).setUint32(8, header.length, true);
  file.set(header, preambleBytes);
  return file;
};

test.each([
  ["no JSON", "{", /header: expected JSON/],
  ["another version", '{"format":"quee-path-table","version":3}', /header\.version: .* got 3/],
  [
    "unknown bits",
    '{"format":"quee-path-table","version":1,"role":"test","count":0,"classCount":2,"paths":[[1]]}',
    /paths\.0\.0/,
  ],
  [
    "a count beyond the bytes",
    '{"format":"quee-path-table","version":1,"role":"test","count":9007199254740991,"classCount":9007199254740991,"paths":[[8]]}',
    /length of the file/,
  ],
])("a header with %s is refused before anything is allocated", (_, json, message) => {
  const decode = () => decodePathTable(withHeader(json), "test", { file: "x.qpt" });
  expect(decode).toThrow(message);
  expect(decode).toThrow(expect.objectContaining({ kind: "artifact", file: "x.qpt" }));
});

test("probabilities that were altered into none are refused as an artifact, not as a number", () => {
  const altered = bytes.slice();
  altered.fill(0xff, altered.length - 4);
  expect(() => decodePathTable(altered, "train")).toThrow(expect.objectContaining({ kind: "artifact" }));
});
