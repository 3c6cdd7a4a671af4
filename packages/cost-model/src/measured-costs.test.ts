import { bits, costOf, legalPaths } from "@quee/core";
import { expect, test } from "vitest";
import { measuredCostTable } from "./measured-costs.js";

const levels = [8, 6].map(bits);
const paths = legalPaths({ levels, exitCount: 3, order: "any", firstBlock: "any" });
/** 8 bits: 10, 20 and 30 ms; 6 bits half of it. */
const blockMs = (block: number, level: number) => (block * 10 * (level === 8 ? 2 : 1)) / 2;
const options = { blockMs, gateMs: [0.5, 0.25], paths, levels };

test("a path takes the time of its blocks and of the gates that it passes, over that of all blocks at the most bits", () => {
  const table = measuredCostTable(options);
  expect(table).toMatchObject({ unit: "ms", unitCost: 60, name: "measured ms" });
  const ms = (...path: number[]) => costOf(table, path.map(bits)) * 60;
  expect(ms(8)).toBeCloseTo(10.5, 12);
  expect(ms(8, 6)).toBeCloseTo(10 + 10 + 0.75, 12);
  expect(ms(6, 8, 6)).toBeCloseTo(5 + 20 + 15 + 0.75, 12);
  expect(measuredCostTable({ ...options, name: "ms at batch 1" }).name).toBe("ms at batch 1");
});

test("times that nobody can have measured, and paths that are too long, are refused", () => {
  const broken = (value: number) => () => measuredCostTable({ ...options, blockMs: () => value });
  for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(broken(value)).toThrow(/block 1 at 8 bits: expected milliseconds above 0/);
  }
  expect(() => measuredCostTable({ ...options, gateMs: [0.5] })).toThrow(/expected 1 to 2 blocks, got 3/);
});
