import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { fitQuadratic } from "./fit-quadratic.js";

const coefficient = fc.integer({ min: -40, max: 40 }).map((n) => n / 8);

test.prop([coefficient, coefficient, coefficient])("finds the parabola that points lie on", (a, b, c) => {
  const x = [1, 5, 10, 20, 40, 70];
  const fit = fitQuadratic({ x, y: x.map((v) => a * v * v + b * v + c) });
  expect(fit?.a).toBeCloseTo(a, 8);
  expect(fit?.b).toBeCloseTo(b, 7);
  expect(fit?.c).toBeCloseTo(c, 6);
});

test("noise is averaged as numpy.polyfit averages it", () => {
  // numpy.polyfit([1, 2, 3, 4, 6], [2, 1, 0.5, 1.5, 4], 2)
  const fit = fitQuadratic({ x: [1, 2, 3, 4, 6], y: [2, 1, 0.5, 1.5, 4] });
  expect(fit?.a).toBeCloseTo(0.3339469808541976, 10);
  expect(fit?.b).toBeCloseTo(-1.9120029455081025, 10);
  expect(fit?.c).toBeCloseTo(3.5103092783505234, 10);
});

test("the minimum is the vertex where it lies among the points, else the lower end", () => {
  const x = [0, 1, 2, 3, 4];
  const minimum = (y: (v: number) => number) => fitQuadratic({ x, y: x.map(y) })?.minimum;
  expect(minimum((v) => (v - 3) ** 2 + 5)?.x).toBeCloseTo(3, 10);
  expect(minimum((v) => (v - 3) ** 2 + 5)?.y).toBeCloseTo(5, 10);
  expect(minimum((v) => (v - 9) ** 2)?.x).toBe(4);
  expect(minimum((v) => -((v - 1) ** 2))?.x).toBe(4);
  expect(minimum((v) => 2 * v)?.x).toBe(0);
});

test("two different x leave a parabola open", () => {
  expect(fitQuadratic({ x: [1, 2, 2], y: [0, 1, 2] })).toBeNull();
});
