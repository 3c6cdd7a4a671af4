import { bits, costOf, legalPaths } from "@quee/core";
import { expect, test } from "vitest";
import {
  type LatencyTable,
  latencyCostTable,
  latencyTableSchema,
  levelsThatPay,
  secondsPerImage,
} from "./latency-table.js";

const levels = [8, 6].map(bits);
/** A run costs 3 ms once and 1 ms per image (block 2: twice as much); 6 bits are no faster, as on a processor. */
const secondsOf = (block: number, batchSize: number) => (block * (3 + batchSize)) / batchSize / 1000;
const batchSizes = [32, 1, 8];
const table: LatencyTable = {
  schemaVersion: 1,
  machine: "a machine",
  arithmetic: "integer",
  threads: 1,
  blocks: [1, 2].flatMap((block) =>
    levels.flatMap((width) =>
      batchSizes.map((batchSize) => ({ block, bits: width, batchSize, secondsPerImage: secondsOf(block, batchSize) })),
    ),
  ),
  gates: [{ beforeBlock: 2, batchSize: 32, secondsPerImage: 2e-5 }],
};

test("times come back as measured, and between measured sizes a run grows in a straight line", () => {
  const key = { block: 2, bits: bits(6) };
  for (const batchSize of [...batchSizes, 2, 20, 31]) {
    expect(secondsPerImage(table, key, batchSize)).toBeCloseTo(secondsOf(2, batchSize), 12);
  }
  // Larger batches are cut up; one that is smaller than every measured one takes the whole of a run.
  expect(secondsPerImage(table, key, 100)).toBe(secondsOf(2, 32));
  expect(secondsPerImage(table, { beforeBlock: 2 }, 4)).toBeCloseTo((32 * 2e-5) / 4, 12);
});

test("a path costs the times of its blocks and gates, over all blocks at the most bits", () => {
  const paths = legalPaths({ levels, exitCount: 2, order: "any", firstBlock: "any" });
  const costs = latencyCostTable({ table, batchSize: 32, exitCount: 2, paths, levels });
  const whole = 1000 * (secondsOf(1, 32) + secondsOf(2, 32));
  expect(costs.unitCost).toBeCloseTo(whole, 12);
  expect(costs.name).toBe("ms per image, integer, batch 32, 1 thread, a machine");
  expect(costOf(costs, [bits(8)])).toBeCloseTo((1000 * secondsOf(1, 32) + 0.02) / whole, 12);
  expect(costOf(costs, [8, 6].map(bits))).toBeCloseTo(1 + 0.02 / whole, 12);
  const free = latencyCostTable({ table: { ...table, gates: [] }, batchSize: 32, exitCount: 2, paths, levels });
  expect(costOf(free, [8, 8].map(bits))).toBe(1);
});

test("a level pays where all blocks at it take clearly less time than at the higher ones", () => {
  const options = { batchSize: 32, levels };
  expect(levelsThatPay({ ...options, table })).toEqual([8]);
  const withSixAt = (factor: number): LatencyTable => ({
    ...table,
    blocks: table.blocks.map((one) =>
      one.bits === 6 ? { ...one, secondsPerImage: factor * one.secondsPerImage } : one,
    ),
  });
  expect(levelsThatPay({ ...options, table: withSixAt(0.97) })).toEqual([8]);
  const faster = withSixAt(0.9);
  expect(levelsThatPay({ ...options, table: faster })).toEqual([8, 6]);
  // Where every path begins at the most bits, nobody measures block 1 at fewer.
  const blocks = faster.blocks.filter(({ block, bits: width }) => block === 2 || width === 8);
  expect(levelsThatPay({ ...options, table: { ...faster, blocks } })).toEqual([8, 6]);
});

test("a block that nobody measured is named", () => {
  expect(() => secondsPerImage(table, { block: 3, bits: bits(8) }, 1)).toThrow(/expected block 3 at 8 bits/);
  expect(() => secondsPerImage(table, { beforeBlock: 3 }, 1)).toThrow(/expected the gate before block 3/);
});

test("tables survive JSON; times of nothing do not", () => {
  expect(latencyTableSchema.parse(JSON.parse(JSON.stringify(table)))).toEqual(table);
  for (const wrong of [{ secondsPerImage: 0 }, { batchSize: 0 }, { bits: 1 }, { block: 0 }, { more: 1 }]) {
    expect(latencyTableSchema.safeParse({ ...table, blocks: [{ ...table.blocks[0], ...wrong }] }).success).toBe(false);
  }
});
