import { test } from "@fast-check/vitest";
import { expect } from "vitest";
import { distinctRows } from "./distinct-rows.js";
import { gridPoints } from "./samples.test.fixture.js";

test.prop([gridPoints()])("rows share a number exactly where all their values are equal", (points) => {
  const [rows, width] = points.shape;
  const words = Array.from({ length: rows }, (_, r) => points.data.subarray(r * width, (r + 1) * width).join());
  const { count, ids } = distinctRows(points);
  const inOrder = [...new Set(words)];
  expect([...ids]).toEqual(words.map((word) => inOrder.indexOf(word)));
  expect(count).toBe(inOrder.length);
});

test("zero is zero whatever its sign", () => {
  expect(distinctRows({ shape: [2, 2], data: Float32Array.of(0, 1, -0, 1) }).count).toBe(1);
});
