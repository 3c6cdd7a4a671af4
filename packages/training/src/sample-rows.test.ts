import { fc, test } from "@fast-check/vitest";
import { randomStream, tensor } from "@quee/tensor";
import { expect } from "vitest";
import { minibatches } from "./minibatches.js";
import { gatherRows } from "./rows.js";
import { rowsInMemory, rowsWithin } from "./sample-rows.js";

const widths = [2, 1];

/** Columns in which every number says whose it is, and what was read of them. */
function problem(counts: readonly number[]) {
  const runs = counts.map((count, i) => ({ from: counts.slice(0, i).reduce((a, b) => a + b, 0), count }));
  const count = counts.reduce((a, b) => a + b, 0);
  const columns = widths.map((width, column) =>
    tensor(
      [count, width],
      Float32Array.from({ length: count * width }, (_, at) => 1000 * column + at),
    ),
  );
  const asked: { readonly column: number; readonly samples: readonly number[] }[] = [];
  const read = (column: number, samples: Int32Array) => {
    asked.push({ column, samples: [...samples] });
    return gatherRows(columns[column], samples).data;
  };
  return { runs, count, columns, asked, read };
}

const sizes = (): [fc.Arbitrary<number[]>, fc.Arbitrary<number>, fc.Arbitrary<number>] => [
  fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 8 }),
  fc.integer({ min: 1, max: 7 }),
  fc.integer(),
];

test.prop(sizes())("rows that fit are those of memory: read once, dealt as minibatches are", (counts, size, seed) => {
  const { runs, count, columns, asked, read } = problem(counts);
  const within = rowsWithin({ runs, widths, read, memoryBytes: 4 * 3 * count });
  const held = rowsInMemory(columns);
  const epoch = (rows: typeof held) => [...rows.batches(randomStream(seed, "epoch"), size)];
  expect(epoch(within)).toEqual([...minibatches({ count, batchSize: size, random: randomStream(seed, "epoch") })]);
  for (const rows of [held, within, held.select([0, 1]), within.select([0, 1])]) {
    expect(epoch(rows)).toEqual(epoch(held));
    expect(rows.pieces).toEqual([Int32Array.from({ length: count }, (_, i) => i)]);
    for (const samples of [...epoch(held), ...rows.pieces]) {
      for (const column of [0, 1]) expect(rows.rows(column, samples)).toEqual(gatherRows(columns[column], samples));
    }
  }
  for (const column of [0, 1]) {
    const samples = asked.filter((one) => one.column === column).flatMap((one) => one.samples);
    expect(samples).toEqual(Array.from({ length: count }, (_, i) => i));
  }
});

test.prop(sizes())("of more, an epoch reads every row once and holds no more than it may", (counts, size, seed) => {
  const { runs, count, columns, asked, read } = problem(counts);
  const most = Math.max(1, Math.floor(count / 3));
  const rows = rowsWithin({ runs, widths, read, memoryBytes: 4 * 3 * most });
  const seen: number[] = [];
  const readOf = (column: number) => asked.filter((one) => one.column === column).flatMap((one) => one.samples);
  for (const samples of rows.batches(randomStream(seed, "epoch"), size)) {
    for (const column of [0, 1]) {
      expect(readOf(column).length - seen.length).toBeLessThanOrEqual(Math.max(most, ...counts));
      expect(rows.rows(column, samples)).toEqual(gatherRows(columns[column], samples));
    }
    seen.push(...samples);
  }
  const all = Array.from({ length: count }, (_, i) => i);
  expect(seen.toSorted((a, b) => a - b)).toEqual(all);
  for (const column of [0, 1]) expect(readOf(column).toSorted((a, b) => a - b)).toEqual(all);
  // Between epochs: whatever is asked for, piece by piece.
  expect(rows.pieces.flatMap((piece) => [...piece])).toEqual(all);
  for (const piece of rows.pieces) expect(rows.rows(0, piece)).toEqual(gatherRows(columns[0], piece));
});

test("of fewer columns more samples fit: one of them may be kept where all cannot", () => {
  const { runs, count, columns, asked, read } = problem([5, 5, 5]);
  const rows = rowsWithin({ runs, widths, read, memoryBytes: 4 * count });
  expect(rows.pieces).toHaveLength(3);
  const last = rows.select([1]);
  expect(last.pieces).toHaveLength(1);
  for (let time = 0; time < 2; time++) expect(last.rows(0, last.pieces[0])).toEqual(columns[1]);
  expect(asked.map(({ column }) => column)).toEqual([1, 1, 1]);
});
