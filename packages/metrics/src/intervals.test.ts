import { fc, test } from "@fast-check/vitest";
import { randomStream } from "@quee/tensor";
import { describe, expect } from "vitest";
import { meanWithInterval95, pairedBootstrap, tenPartInterval } from "./intervals.js";
import { accuracy } from "./means.js";
import { studentQuantile } from "./student-t.js";

describe("Student's t", () => {
  // Printed tables, e.g. NIST/SEMATECH e-Handbook 1.3.6.7.2.
  test.each([
    [0.975, 1, 12.706],
    [0.975, 2, 4.303],
    [0.975, 9, 2.262],
    [0.975, 30, 2.042],
    [0.95, 9, 1.833],
    [0.999, 4, 7.173],
    [0.975, 100, 1.984],
  ])("P = %s with %s degrees of freedom is %s", (p, degrees, t) => {
    expect(studentQuantile(p, degrees)).toBeCloseTo(t, 3);
  });

  test("is symmetric, with its median at 0", () => {
    expect(studentQuantile(0.025, 9)).toBe(-studentQuantile(0.975, 9));
    expect(studentQuantile(0.5, 9)).toBeCloseTo(0, 12);
  });

  test("one degree of freedom is Cauchy's distribution", () => {
    for (const p of [0.6, 0.8, 0.99]) expect(studentQuantile(p, 1)).toBeCloseTo(Math.tan(Math.PI * (p - 0.5)), 9);
  });
});

describe("mean with its interval", () => {
  test("of a small example by hand", () => {
    const { mean, halfWidth } = meanWithInterval95([1, 2, 3]) ?? { mean: 0, halfWidth: 0 };
    expect(mean).toBe(2);
    expect(halfWidth).toBeCloseTo(4.302653 / Math.sqrt(3), 5);
  });

  test("needs two values", () => {
    expect(meanWithInterval95([])).toBeNull();
    expect(meanWithInterval95([0.5])).toBeNull();
  });
});

describe("ten parts", () => {
  test("contains the true rate about 95 times of 100", () => {
    const random = randomStream(1, "ten-part test");
    let contained = 0;
    for (let trial = 0; trial < 400; trial++) {
      const correct = Uint8Array.from({ length: 1000 }, () => (random.uniform() < 0.8 ? 1 : 0));
      const { mean, halfWidth } = tenPartInterval(correct, trial);
      if (Math.abs(mean - 0.8) <= halfWidth) contained++;
    }
    expect(contained / 400).toBeGreaterThan(0.91);
    expect(contained / 400).toBeLessThan(0.98);
  });

  test.prop([fc.array(fc.constantFrom(0, 1), { minLength: 10, maxLength: 60 }), fc.integer()])(
    "the mean of parts of one size is the accuracy",
    (values, seed) => {
      const correct = values.slice(0, values.length - (values.length % 10));
      expect(tenPartInterval(correct, seed).mean).toBeCloseTo(accuracy(correct) as number, 12);
    },
  );

  test("every image counts once: one mistake in 10 images is seen by one part", () => {
    const { mean, halfWidth } = tenPartInterval([1, 1, 1, 0, 1, 1, 1, 1, 1, 1], 5);
    expect(mean).toBeCloseTo(0.9, 12);
    expect(halfWidth).toBeCloseTo(2.262157 * 0.1, 6);
  });

  test("one seed gives one answer, and fewer than ten images are refused", () => {
    const correct = Uint8Array.from({ length: 101 }, (_, i) => i % 3 && 1);
    expect(tenPartInterval(correct, 3)).toEqual(tenPartInterval(correct, 3));
    expect(tenPartInterval(correct, 3)).not.toEqual(tenPartInterval(correct, 4));
    expect(() => tenPartInterval([1, 1], 0)).toThrow("test images: expected at least 10");
  });
});

describe("paired bootstrap", () => {
  test("is narrow where methods err together, and as wide as the normal approximation says", () => {
    const n = 2000;
    const a = Float64Array.from({ length: n }, (_, i) => (i % 5 === 0 ? 0 : 1));
    const b = Float64Array.from(a, (value, i) => (i % 50 === 1 ? 0 : value));
    const result = pairedBootstrap({ a, b, seed: 1 });
    expect(result?.difference).toBeCloseTo(0.02, 12);
    const halfWidth = 1.96 * Math.sqrt((0.02 * 0.98) / n);
    expect(result?.low).toBeCloseTo(0.02 - halfWidth, 2.6);
    expect(result?.high).toBeCloseTo(0.02 + halfWidth, 2.6);
  });

  test("of one method with itself is exactly zero, of nothing null", () => {
    expect(pairedBootstrap({ a: [1, 0, 1], b: [1, 0, 1], seed: 0 })).toEqual({ difference: 0, low: 0, high: 0 });
    expect(pairedBootstrap({ a: [], b: [], seed: 0 })).toBeNull();
  });
});
