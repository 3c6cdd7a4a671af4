import { fc, test } from "@fast-check/vitest";
import { randomStream } from "@quee/tensor";
import { describe, expect } from "vitest";
import { isotonicRegression } from "./isotonic-regression.js";
import { plattScaling } from "./platt-scaling.js";

const samples = fc
  .array(fc.tuple(fc.integer({ min: -6, max: 6 }), fc.constantFrom(0, 1)), { minLength: 1, maxLength: 60 })
  .map((pairs) => ({ score: pairs.map(([s]) => s / 2), outcome: pairs.map(([, o]) => o) }));

describe("isotonicRegression", () => {
  test("pools what is out of order, is straight between steps and constant beyond", () => {
    const map = isotonicRegression({ score: [1, 2, 3, 4, 5], outcome: [0, 1, 0, 1, 1] });
    // The 1 at 2 and the 0 at 3 share ½.
    expect([0, 1, 1.5, 2, 2.7, 3, 3.5, 4, 9].map((at) => map?.(at))).toEqual([0, 0, 0.25, 0.5, 0.5, 0.5, 0.75, 1, 1]);
  });

  test.prop([samples])("never falls, and its mean over the samples is their frequency", ({ score, outcome }) => {
    const map = isotonicRegression({ score, outcome });
    if (map === null) throw new Error("no map");
    const grid = Array.from({ length: 41 }, (_, i) => map(i / 4 - 5));
    for (let i = 1; i < grid.length; i++) expect(grid[i]).toBeGreaterThanOrEqual(grid[i - 1]);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(score.map(map))).toBeCloseTo(sum(outcome), 8);
  });

  test.prop([samples, fc.integer()])(
    "no other non-decreasing map has less squared error",
    ({ score, outcome }, seed) => {
      const map = isotonicRegression({ score, outcome });
      if (map === null) throw new Error("no map");
      const random = randomStream(seed, "steps");
      const steps = Array.from({ length: 13 }, () => random.uniform()).sort((a, b) => a - b);
      const error = (other: (s: number) => number) =>
        score.reduce((sum, s, i) => sum + (other(s) - outcome[i]) ** 2, 0);
      expect(error(map)).toBeLessThanOrEqual(error((s) => steps[2 * s + 6]) + 1e-9);
    },
  );
});

describe("plattScaling", () => {
  test("finds the line that outcomes were drawn from", () => {
    const random = randomStream(3, "logistic");
    const score = Float64Array.from({ length: 40_000 }, () => 2 * random.normal() + 1);
    const outcome = score.map((s) => (random.uniform() < 1 / (1 + Math.exp(-(0.7 * s - 1))) ? 1 : 0));
    const map = plattScaling({ score, outcome });
    for (const s of [-2, 0, 1, 3]) expect(map?.(s)).toBeCloseTo(1 / (1 + Math.exp(-(0.7 * s - 1))), 1.8);
  });

  test.prop([samples])("its mean over the samples is the softened frequency, and it stays within 0 and 1", (drawn) => {
    const map = plattScaling(drawn);
    if (map === null) throw new Error("no map");
    const count = drawn.score.length;
    const ones = drawn.outcome.reduce<number>((sum, one) => sum + one, 0);
    const softened = (ones * (ones + 1)) / (ones + 2) + (count - ones) / (count - ones + 2);
    const values = drawn.score.map(map);
    expect(values.reduce((sum, value) => sum + value, 0) / count).toBeCloseTo(softened / count, 4);
    for (const value of values) expect(value > 0 && value < 1).toBe(true);
  });

  test("one outcome alone gives a probability near it, not beyond", () => {
    const map = plattScaling({ score: [1, 2, 3, 4], outcome: [0, 0, 0, 0] });
    for (const s of [1, 4]) expect(map?.(s)).toBeCloseTo(1 / 6, 6);
  });

  test("scores that separate the outcomes keep a finite slope", () => {
    const map = plattScaling({ score: [1, 2, 3, 4], outcome: [0, 0, 1, 1] });
    expect(map?.(1)).toBeCloseTo(0.25, 0.8);
    expect(map?.(4)).toBeLessThan(0.9);
  });
});

test("maps can be written down: their numbers say what they compute", () => {
  const samples = { score: [1, 2, 3, 4, 5], outcome: [0, 1, 0, 1, 1] };
  expect(isotonicRegression(samples)?.corners).toEqual([
    { score: 1, value: 0 },
    { score: 2, value: 0.5 },
    { score: 3, value: 0.5 },
    { score: 4, value: 1 },
    { score: 5, value: 1 },
  ]);
  const platt = plattScaling(samples);
  for (const s of [-3, 0, 7]) {
    const { slope, intercept } = platt ?? { slope: 0, intercept: 0 };
    expect(platt?.(s)).toBe(1 / (1 + Math.exp(-(slope * s + intercept))));
  }
});

test("nothing gives no map", () => {
  expect([isotonicRegression, plattScaling].map((fit) => fit({ score: [], outcome: [] }))).toEqual([null, null]);
});
