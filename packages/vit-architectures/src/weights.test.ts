import { expectAllclose } from "@quee/tooling-testing";
import { expect, test } from "vitest";
import { orthogonalRows, sinusoidalPositions, truncatedNormal } from "./weights.js";

test("truncated normal weights stay within two standard deviations and keep their spread", () => {
  const values = truncatedNormal(20_000, 3, "layer.weight");
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(0.04);
  expect(Math.abs(mean)).toBeLessThan(0.0005);
  // A normal cut at ±2σ has 0.8796 of its standard deviation left.
  expect(Math.abs(deviation - 0.02 * 0.8796)).toBeLessThan(0.0003);
});

test("a parameter depends on the seed and on its own name only", () => {
  expect(truncatedNormal(8, 1, "a")).toEqual(truncatedNormal(8, 1, "a"));
  expect(truncatedNormal(8, 1, "a")).not.toEqual(truncatedNormal(8, 2, "a"));
  expect(truncatedNormal(8, 1, "a")).not.toEqual(truncatedNormal(8, 1, "b"));
});

test("orthogonal rows have the asked length and are at right angles", () => {
  const [rows, columns, scale] = [5, 8, 3];
  const w = orthogonalRows(rows, columns, scale, 7, "features");
  const gram = Array.from({ length: rows * rows }, (_, k) => {
    let sum = 0;
    for (let c = 0; c < columns; c++) sum += w[Math.floor(k / rows) * columns + c] * w[(k % rows) * columns + c];
    return sum;
  });
  const expected = gram.map((_, k) => (Math.floor(k / rows) === k % rows ? scale * scale : 0));
  expectAllclose(gram, expected, { rtol: 0, atol: 1e-5 });
});

test("sinusoidal positions follow the formula", () => {
  const table = sinusoidalPositions(3, 4);
  expectAllclose(table.subarray(0, 4), [0, 1, 0, 1]);
  expectAllclose(table.subarray(8, 12), [Math.sin(2), Math.cos(2), Math.sin(2 / 100), Math.cos(2 / 100)], {
    rtol: 1e-6,
  });
});
