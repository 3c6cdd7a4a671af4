import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { pairedBootstrap } from "./intervals.js";
import { pairedResamples } from "./paired-resamples.js";

test.prop([
  fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 0.5, 1)), { minLength: 1, maxLength: 40 }),
  fc.integer({ min: 0, max: 1000 }),
])("tells what the plain bootstrap of the same seed tells", (pairs, seed) => {
  const [a, b] = [pairs.map(([left]) => left), pairs.map(([, right]) => right)];
  const interval = pairedResamples({ count: pairs.length, resamples: 50, seed });
  const plain = pairedBootstrap({ a, b, resamples: 50, seed });
  for (const key of ["difference", "low", "high"] as const) {
    expect(interval(a, b)[key]).toBeCloseTo(plain?.[key] ?? Number.NaN, 10);
  }
  expect(interval(b, a).difference).toBeCloseTo(-interval(a, b).difference, 12);
});

test("refuses samples that it drew no resamples for", () => {
  const interval = pairedResamples({ count: 3, seed: 1 });
  expect(() => interval([1, 0], [0, 1])).toThrow(/expected 3 and 3, got 2 and 2/);
  expect(() => pairedResamples({ count: 0, seed: 1 })).toThrow(/at least 1, got 0/);
});
