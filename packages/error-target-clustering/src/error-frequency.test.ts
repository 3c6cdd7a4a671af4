import { test } from "@fast-check/vitest";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect } from "vitest";
import { errorFrequency, wrongOnes } from "./error-frequency.js";

const cells = Int32Array.of(0, 0, 0, 0, 1, 1, 3);
const wrong = Uint8Array.of(1, 0, 0, 0, 1, 1, 0);

test("without shrinkage a cell has its error frequency, and an empty one the base rate", () => {
  const { errorRate, sizes, baseRate } = errorFrequency(cells, wrong, { clusterCount: 4, shrinkage: 0 });
  expect(baseRate).toBeCloseTo(3 / 7, 12);
  expect([...sizes]).toEqual([4, 2, 0, 1]);
  expectAllclose(errorRate, [1 / 4, 1, 3 / 7, 0], { rtol: 1e-6 });
});

test("shrinkage adds κ samples that err at the base rate", () => {
  const { errorRate } = errorFrequency(cells, wrong, { clusterCount: 4, shrinkage: 2 });
  expectAllclose(errorRate, [(1 + 6 / 7) / 6, (2 + 6 / 7) / 4, 3 / 7, 6 / 7 / 3], { rtol: 1e-6 });
});

const samples = fc
  .array(fc.record({ cell: fc.integer({ min: 0, max: 6 }), wrong: fc.integer({ min: 0, max: 1 }) }), { minLength: 1 })
  .map((list) => ({
    cells: Int32Array.from(list, ({ cell }) => cell),
    wrong: Uint8Array.from(list, ({ wrong }) => wrong),
  }));

test.prop([samples, fc.double({ min: 0, max: 50, noNaN: true })])(
  "error targets are frequencies",
  ({ cells, wrong }, shrinkage) => {
    const { errorRate } = errorFrequency(cells, wrong, { clusterCount: 7, shrinkage });
    for (const rate of errorRate) expect(rate >= 0 && rate <= 1).toBe(true);
  },
);

test.prop([samples])("weighted by the sizes of the cells they give back the base rate", ({ cells, wrong }) => {
  const { errorRate, sizes, baseRate } = errorFrequency(cells, wrong, { clusterCount: 7, shrinkage: 0 });
  const mean = errorRate.reduce((sum, rate, c) => sum + rate * sizes[c], 0) / cells.length;
  expect(mean).toBeCloseTo(baseRate, 5);
});

test.prop([samples])("much shrinkage leaves the base rate only", ({ cells, wrong }) => {
  const { errorRate, baseRate } = errorFrequency(cells, wrong, { clusterCount: 7, shrinkage: 1e9 });
  for (const rate of errorRate) expect(rate).toBeCloseTo(baseRate, 5);
});

test("wrong is where the prediction is not the label", () => {
  expect([...wrongOnes(Int32Array.of(1, 2, 0), Int32Array.of(1, 0, 0))]).toEqual([0, 1, 0]);
});
