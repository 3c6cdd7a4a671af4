import { bits, QueeError } from "@quee/core";
import { expect, test } from "vitest";
import { createPathTable, selectRole } from "./table.js";

const eight = [bits(8)];
const parts = {
  role: "validation",
  classCount: 2,
  labels: Int32Array.of(0, 1),
  paths: [eight],
  probabilities: [Float32Array.of(0.75, 0.25, 0.5, 0.5)],
} as const;

test("a table gives back the probabilities of a path, whichever array names it", () => {
  const table = createPathTable(parts);
  expect(table.probabilities([bits(8)])).toBe(parts.probabilities[0]);
  expect(table.count).toBe(2);
});

test("a path that the table lacks is an error that names it", () => {
  const table = createPathTable(parts);
  expect(() => table.probabilities([bits(8), bits(6)])).toThrow(/one of its 1 paths, got 8-6/);
  expect(() => table.probabilities([])).toThrow(/the empty path/);
});

test.each([
  ["a label out of range", { labels: Int32Array.of(0, 2) }, "internal", /labels\[1\]: expected 0 … 1, got 2/],
  ["a negative label", { labels: Int32Array.of(-1, 0) }, "internal", /labels\[0\]/],
  ["a missing array", { probabilities: [] }, "internal", /one array per path \(1\), got 0/],
  ["a short array", { probabilities: [Float32Array.of(1, 0)] }, "internal", /of 8: expected 4 values, got 2/],
  [
    "a path twice",
    { paths: [eight, eight], probabilities: [parts.probabilities[0], parts.probabilities[0]] },
    "internal",
    /8 again/,
  ],
  ["an empty path", { paths: [[]] }, "internal", /the empty path/],
  ["no classes", { classCount: 0 }, "internal", /classCount/],
  ["NaN", { probabilities: [Float32Array.of(1, 0, Number.NaN, 1)] }, "numeric", /row 1: .* got NaN/],
  ["a negative probability", { probabilities: [Float32Array.of(1.5, -0.5, 0, 1)] }, "numeric", /row 0/],
  [
    "a row that does not sum to 1",
    { probabilities: [Float32Array.of(1, 0, 0.5, 0.4)] },
    "numeric",
    /row 1: .* sum to 1/,
  ],
])("%s is refused", (_, change, kind, message) => {
  const make = () => createPathTable({ ...parts, ...change });
  expect(make).toThrow(message);
  expect(make).toThrow(expect.objectContaining({ kind }));
});

test("a table of one role cannot pass for another", () => {
  const table = createPathTable(parts);
  expect(selectRole(table, "validation")).toBe(table);
  const asTest = () => selectRole(table, "test", { file: "tables/test.bin" });
  expect(asTest).toThrow(QueeError);
  expect(asTest).toThrow("tables/test.bin: role: expected samples for test, got samples for validation");
});
