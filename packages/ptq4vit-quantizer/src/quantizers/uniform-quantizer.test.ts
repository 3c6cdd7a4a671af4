import { fc, test as property } from "@fast-check/vitest";
import { bits } from "@quee/core";
import { expect, test } from "vitest";
import { codeBound } from "./quantizer.js";
import { fakeQuantizeUniform, largestMagnitude, minMaxScale } from "./uniform-quantizer.js";

const values = fc.array(fc.float({ min: -100, max: 100, noNaN: true, noDefaultInfinity: true }), {
  minLength: 1,
  maxLength: 50,
});
const widths = fc.integer({ min: 2, max: 8 }).map(bits);

test("halves go to the even code, and codes saturate at −Q and Q − 1", () => {
  // Step 1 at 3 bits: codes −4 … 3.
  const quantized = fakeQuantizeUniform(Float32Array.of(0.5, 1.5, 2.5, -0.5, -1.5, 9, -9), 1, bits(3));
  expect([...quantized].map((x) => x + 0)).toEqual([0, 2, 2, 0, -2, 3, -4]);
});

test("a range of zeros keeps zeros, and one that underflows float32 counts as none", () => {
  expect(minMaxScale(0, bits(8), "x")).toBe(1);
  expect(minMaxScale(1e-37, bits(8), "x")).toBe(1);
  expect([...fakeQuantizeUniform(Float32Array.of(0, 0), 1, bits(8))]).toEqual([0, 0]);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("a range of %s is refused and named", (range) => {
  expect(() => minMaxScale(range, bits(8), "blocks.3.fc1")).toThrow(/blocks\.3\.fc1: expected finite values/);
});

test("a NaN among the values shows in their magnitude, wherever it stands", () => {
  expect(largestMagnitude(Float32Array.of(1, Number.NaN, 5))).toBeNaN();
  expect(largestMagnitude(Float32Array.of(Number.NaN))).toBeNaN();
  expect(largestMagnitude(Float32Array.of(1, -5, 2))).toBe(5);
});

property.prop([values, widths])("inside the range the error is at most half a step", (list, width) => {
  const x = Float32Array.from(list);
  const scale = minMaxScale(largestMagnitude(x), width, "x");
  const quantized = fakeQuantizeUniform(x, scale, width);
  for (let i = 0; i < x.length; i++) {
    // The positive end, at Q − ½ steps, rounds to the last code: half a step away, and float32 products of 128 steps err by 2⁻¹⁷ of one.
    expect(Math.abs(x[i] - quantized[i])).toBeLessThanOrEqual(scale * (0.5 + 2 ** -15));
  }
});

property.prop([values, widths])("quantizing twice changes nothing, and order is kept", (list, width) => {
  const x = Float32Array.from(list).sort();
  const scale = minMaxScale(largestMagnitude(x), width, "x");
  const once = fakeQuantizeUniform(x, scale, width);
  // −0 and 0 are one code.
  const unsigned = (values: Float32Array) => values.map((value) => value + 0);
  expect(unsigned(fakeQuantizeUniform(once, scale, width))).toEqual(unsigned(once));
  for (let i = 1; i < once.length; i++) expect(once[i]).toBeGreaterThanOrEqual(once[i - 1]);
  expect(new Set(once).size).toBeLessThanOrEqual(2 * codeBound(width) + 1);
});
