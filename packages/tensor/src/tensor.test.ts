import { fc, test as property } from "@fast-check/vitest";
import { expectAllclose } from "@quee/tooling-testing";
import { describe, expect, test } from "vitest";
import { randomStream } from "./random.js";
import { roundHalfEven } from "./rounding.js";
import { argmaxRows, entropyRows, maxRows, softmaxRows } from "./rows.js";
import { sizeOf, tensor, zeros } from "./tensor.js";

test("a tensor refuses data that does not fill its shape", () => {
  expect(() => tensor([2, 3], new Float32Array(5))).toThrow(/tensor of shape \[2, 3\]: expected 6 values, got 5/);
  expect(zeros([2, 3]).data).toHaveLength(6);
  expect(sizeOf([])).toBe(1);
});

describe("rounding", () => {
  test.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, -0],
    [-1.5, -2],
    [-2.5, -2],
    [0.49999999, 0],
    [3, 3],
    [-3.2, -3],
  ])("%s goes to %s", (x, rounded) => {
    expect(roundHalfEven(x) + 0).toBe(rounded + 0);
  });

  property.prop([fc.double({ min: -1e6, max: 1e6, noNaN: true })])("is nowhere farther than a half, and odd", (x) => {
    expect(Math.abs(roundHalfEven(x) - x)).toBeLessThanOrEqual(0.5);
    expect(roundHalfEven(-x) + 0).toBe(-roundHalfEven(x) + 0);
  });
});

describe("rows", () => {
  test("softmax of large, equal and single logits is finite and sums to one", () => {
    const rows = softmaxRows(tensor([3, 2], Float32Array.of(1000, -1000, 5, 5, -1e30, -1e30)));
    expectAllclose(rows.data, [1, 0, 0.5, 0.5, 0.5, 0.5], { atol: 1e-7 });
    expectAllclose(softmaxRows(tensor([2, 1], Float32Array.of(3, -7))).data, [1, 1]);
  });

  test("entropy is 0 for certainty and ln K for none", () => {
    expectAllclose(entropyRows(tensor([2, 4], Float32Array.of(0, 1, 0, 0, 0.25, 0.25, 0.25, 0.25))), [0, Math.log(4)]);
  });

  test("ties go to the lowest column", () => {
    expect([...argmaxRows(tensor([2, 3], Float32Array.of(1, 3, 3, 2, 2, 2)))]).toEqual([1, 0]);
  });

  test("no rows give no answers", () => {
    expect(argmaxRows(tensor([0, 3], new Float32Array()))).toHaveLength(0);
    expect(softmaxRows(tensor([0, 3], new Float32Array())).data).toHaveLength(0);
  });

  property.prop([
    fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 20 }),
    fc.integer({ min: -20, max: 20 }),
  ])("softmax is blind to a constant and keeps the order", (logits, shift) => {
    const row = Float32Array.from(logits);
    const shape = [1, row.length];
    const probabilities = softmaxRows(tensor(shape, row));
    expectAllclose(
      softmaxRows(
        tensor(
          shape,
          row.map((x) => x + shift),
        ),
      ).data,
      probabilities.data,
      { atol: 1e-5 },
    );
    expect(probabilities.data[argmaxRows(tensor(shape, row))[0]!]).toBe(maxRows(probabilities)[0]);
  });
});

describe("random streams", () => {
  test("the same seed and name give the same numbers; another name or seed gives others", () => {
    const draw = (seed: number, name: string) => Array.from({ length: 8 }, randomStream(seed, name).uniform);
    expect(draw(1, "a")).toEqual(draw(1, "a"));
    expect(draw(1, "a")).not.toEqual(draw(1, "b"));
    expect(draw(1, "a")).not.toEqual(draw(2, "a"));
  });

  test("the numbers are pinned: trained weights and splits depend on them", () => {
    const { uniform } = randomStream(0, "pinned");
    expect([uniform(), uniform(), uniform()]).toMatchInlineSnapshot(`
      [
        0.5883345904294401,
        0.8887781910598278,
        0.6039717332459986,
      ]
    `);
  });

  test("uniform and normal have the moments they should", () => {
    const random = randomStream(3, "moments");
    const n = 20_000;
    const uniforms = Array.from({ length: n }, random.uniform);
    const normals = Array.from({ length: n }, random.normal);
    const mean = (xs: number[]) => xs.reduce((sum, x) => sum + x, 0) / xs.length;
    expect(mean(uniforms)).toBeCloseTo(0.5, 1);
    expect(mean(normals)).toBeCloseTo(0, 1);
    expect(mean(normals.map((x) => x * x))).toBeCloseTo(1, 1);
    expect(uniforms.every((u) => u >= 0 && u < 1)).toBe(true);
  });

  property.prop([fc.integer({ min: 0, max: 200 }), fc.integer()])("a permutation holds every index once", (n, seed) => {
    expect([...randomStream(seed, "p").permutation(n)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: n }, (_, i) => i),
    );
  });
});
