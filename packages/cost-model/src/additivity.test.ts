import { bits, legalPaths, type PathKey, pathKey } from "@quee/core";
import { expect, test } from "vitest";
import { additivityOf } from "./additivity.js";
import { measuredCostTable } from "./measured-costs.js";

const levels = [8, 6].map(bits);
const paths = legalPaths({ levels, exitCount: 2, order: "any", firstBlock: "highest" });
const table = measuredCostTable({ blockMs: (block, width) => (block * width) / 8, gateMs: [0.5], paths, levels });
/** 8 → 1.5, 8-8 → 3.5, 8-6 → 3 ms. */
const keys = [[8], [8, 8], [8, 6]].map((path) => pathKey(path.map(bits)));
const measured = (...ms: number[]) => new Map(ms.map((value, i) => [keys[i] as PathKey, value]));

test("times that add up are predicted without error", () => {
  expect(additivityOf(table, measured(1.5, 3.5, 3))).toMatchObject({ rSquared: 1, meanRelativeError: 0 });
});

test("R² and errors are those of the prediction as it is", () => {
  const found = additivityOf(table, measured(2, 4, 3));
  // Σ(m − p)² = ¼ + ¼; Σ(m − 3)² = 1 + 1.
  expect(found.rSquared).toBeCloseTo(1 - 0.5 / 2, 12);
  expect(found.meanRelativeError).toBeCloseTo((0.25 + 0.125 + 0) / 3, 12);
  expect(found.largest).toEqual({ path: keys[0], relativeError: 0.25 });
  expect(found.paths[1]).toEqual({ path: keys[1], predictedMs: 3.5, measuredMs: 4 });
});

test("a prediction that is off by a factor is no good, though a line would fit", () => {
  expect(additivityOf(table, measured(3, 7, 6)).rSquared).toBeLessThan(0);
});

test("times that say nothing are refused", () => {
  for (const ms of [[2], [2, 2, 2], [1, 0, 3], [1, Number.NaN, 3]]) {
    expect(() => additivityOf(table, measured(...ms))).toThrow(/not all the same/);
  }
  expect(() => additivityOf({ ...table, unit: "BitOPs" }, measured(1, 2, 3))).toThrow(/expected costs in ms/);
});
