import { test } from "@fast-check/vitest";
import { expectAllclose } from "@quee/tooling-testing";
import { expect } from "vitest";
import { nearestCentroids } from "./nearest-centroids.js";
import { gridPoints } from "./samples.test.fixture.js";

test("the lowest index wins a tie", () => {
  const centroids = { shape: [3, 1], data: Float32Array.of(4, 0, 2) };
  const { index, squaredDistance } = nearestCentroids(centroids, { shape: [3, 1], data: Float32Array.of(1, 3, 2.5) });
  expect([...index]).toEqual([1, 0, 2]);
  expectAllclose(squaredDistance, [1, 1, 0.25]);
});

test.prop([gridPoints()])("a point that is a centroid belongs to the first such", (points) => {
  const { index, squaredDistance } = nearestCentroids(points, points);
  const [rows, width] = points.shape;
  const rowOf = (r: number) => points.data.subarray(r * width, (r + 1) * width).join();
  const firstOf = (r: number) => Array.from({ length: rows }, (_, s) => s).findIndex((s) => rowOf(s) === rowOf(r));
  expect([...index]).toEqual(Array.from({ length: rows }, (_, r) => firstOf(r)));
  expect(squaredDistance.every((distance) => distance === 0)).toBe(true);
});
