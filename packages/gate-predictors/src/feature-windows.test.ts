import { test } from "@fast-check/vitest";
import { legalPaths } from "@quee/core";
import { correctAlong, createPathTable, encodeTablePart, openTableParts, takeSamples } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import fc from "fast-check";
import { expect } from "vitest";
import { featureWindows } from "./feature-windows.js";
import { gatesToJson } from "./json.js";
import type { TableTargets } from "./remembered.js";
import { trainGates } from "./train-gates.js";
import { randomTable, space } from "./views.test.fixture.js";

const [prefix] = legalPaths(space);

test.prop([
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
  fc.nat(40),
  fc.integer({ min: 1, max: 7 }),
  fc.integer(),
])(
  "an epoch has every sample once, reads each run once, and holds no more than it may",
  (counts, rowsAtOnce, batchSize, seed) => {
    const runs = counts.map((count, i) => ({ from: counts.slice(0, i).reduce((a, b) => a + b, 0), count }));
    const read: number[] = [];
    const compute = (_: unknown, rows: Int32Array) => {
      read.push(...rows);
      return { shape: [rows.length, 2], data: Float32Array.from([...rows].flatMap((row) => [row, row + 0.5])) };
    };
    const windows = featureWindows({ compute, width: 2, prefixes: [prefix], runs, memoryBytes: 8 * rowsAtOnce });
    const seen: number[] = [];
    for (const rows of windows.batches(randomStream(seed, "epoch"), batchSize)) {
      expect(rows.length).toBeLessThanOrEqual(batchSize);
      expect(read.length - seen.length).toBeLessThanOrEqual(Math.max(rowsAtOnce, ...counts));
      const features = windows.features(prefix, rows);
      expect([...features.data]).toEqual([...rows].flatMap((row) => [row, row + 0.5]));
      seen.push(...rows);
    }
    const all = Array.from({ length: counts.reduce((a, b) => a + b, 0) }, (_, i) => i);
    expect(seen.toSorted((a, b) => a - b)).toEqual(all);
    expect(read.toSorted((a, b) => a - b)).toEqual(all);
  },
);

const wrong: TableTargets = (path, table) => Float32Array.from(correctAlong(table, path), (one) => 1 - one);

/** The same samples in memory and in files of 37. */
function both<Role extends "train" | "validation">(role: Role, count: number, seed: number) {
  const made = randomTable(role, count, 4, seed);
  const paths = legalPaths(space);
  const table = createPathTable({ ...made, paths, probabilities: paths.map((path) => made.probabilities(path)) });
  const sources = Array.from({ length: Math.ceil(count / 37) }, (_, part) => {
    const from = 37 * part;
    const samples = Array.from({ length: Math.min(37, count - from) }, (_, i) => from + i);
    const pieces = encodeTablePart(takeSamples(table, samples), { from });
    const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
    const read = (at: number, length: number) => bytes.slice(at, at + length);
    return { name: `part ${part}`, length: bytes.length, read };
  });
  return { table, sources };
}

const train = both("train", 300, 1);
const validation = both("validation", 90, 2);
const settings = { targets: wrong, space, batchSize: 32, maxEpochs: 3, seed: 3 };

test("gates of a table in files are those of the table in memory, to the byte, while its features fit", async () => {
  const inMemory = await trainGates({ ...settings, train: train.table, validation: validation.table });
  for (const cacheBytes of [0, 2 ** 20]) {
    const stored = await trainGates({
      ...settings,
      train: openTableParts(train.sources, "train", { cacheBytes }),
      validation: openTableParts(validation.sources, "validation", { cacheBytes }),
    });
    expect(gatesToJson(stored)).toEqual(gatesToJson(inMemory));
  }
});

test("where features do not fit gates train window by window: each run of an epoch read once, the same seed the same gates", async () => {
  const fit = () => {
    let read = 0;
    const stored = openTableParts(train.sources, "train", { cacheBytes: 0 });
    const counted = {
      ...stored,
      rows: (...asked: Parameters<typeof stored.rows>) => {
        read += asked[1].length;
        return stored.rows(...asked);
      },
    };
    const memoryBytes = 4 * 12 * 80;
    return trainGates({ ...settings, train: counted, validation: validation.table, memoryBytes }).then((gates) => ({
      gates,
      read,
    }));
  };
  const [first, second] = [await fit(), await fit()];
  expect(gatesToJson(first.gates)).toEqual(gatesToJson(second.gates));
  // Per epoch: gate 2 reads one exit on one way, gate 3 two exits on three ways; targets read every path once.
  const epochs = settings.maxEpochs;
  expect(first.read).toBe(300 * (epochs * (1 + 6) + legalPaths(space).length));
});
