import { fc, test } from "@fast-check/vitest";
import { randomStream } from "@quee/tensor";
import { expect } from "vitest";
import { adjustedRandIndex } from "./adjusted-rand-index.js";

test("equals the examples of sklearn.metrics.adjusted_rand_score", () => {
  // 0.57 and -0.5 in its documentation.
  expect(adjustedRandIndex({ a: [0, 0, 1, 2], b: [0, 0, 1, 1] })).toBeCloseTo(4 / 7, 12);
  expect(adjustedRandIndex({ a: [0, 0, 1, 1], b: [0, 1, 0, 1] })).toBeCloseTo(-0.5, 12);
});

test.prop([fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 40 })])(
  "names of cells do not matter",
  (cells) => {
    expect(adjustedRandIndex({ a: cells, b: cells.map((cell) => 9 - 2 * cell) })).toBeCloseTo(1, 12);
  },
);

test("partitions that know nothing of each other have about none", () => {
  const random = randomStream(1, "cells");
  const draw = () => Int32Array.from({ length: 5000 }, () => random.below(10));
  expect(Math.abs(adjustedRandIndex({ a: draw(), b: draw() }) as number)).toBeLessThan(0.01);
});

test("one sample has no pair", () => {
  expect(adjustedRandIndex({ a: [0], b: [0] })).toBeNull();
});
