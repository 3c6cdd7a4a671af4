import { test } from "@fast-check/vitest";
import type { Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { distinctRows } from "./distinct-rows.js";
import { type KMeansFit, type KMeansOptions, kMeans } from "./k-means.js";
import { gridPoints } from "./samples.test.fixture.js";

function fit(points: Tensor, options: Partial<KMeansOptions> = {}): KMeansFit {
  const search = kMeans(points, {
    clusterCount: 3,
    restarts: 3,
    initialization: "random",
    seed: 1,
    name: "test",
    ...options,
  });
  let step = search.next();
  while (!step.done) step = search.next();
  return step.value;
}

const initialization = fc.constantFrom("random" as const, "kmeans++" as const);

describe("kMeans", () => {
  test("finds three far groups with both initialisations", () => {
    const data = Float32Array.from([0, 0, 0.2, 0, 5, 5, 5.2, 5, 9, 0, 9, 0.4]);
    for (const initialization of ["random", "kmeans++"] as const) {
      const { centroids, inertia } = fit({ shape: [6, 2], data }, { initialization, restarts: 10 });
      const rows = [0, 1, 2].map((c) => [...centroids.data.subarray(2 * c, 2 * c + 2)]).sort((a, b) => a[0] - b[0]);
      expectAllclose(rows.flat(), [0.1, 0, 5.1, 5, 9, 0.2], { atol: 1e-6 });
      expect(inertia).toBeCloseTo(0.02 + 0.02 + 0.08, 6);
    }
  });

  test.prop([gridPoints(), fc.integer({ min: 1, max: 12 }), initialization])(
    "has as many centroids as asked, but never more than there are distinct points",
    (points, clusterCount, initialization) => {
      const { centroids } = fit(points, { clusterCount, initialization });
      expect(centroids.shape).toEqual([Math.min(clusterCount, distinctRows(points).count), points.shape[1]]);
    },
  );

  test.prop([gridPoints(), initialization])(
    "with a centroid for every distinct point no inertia is left",
    (points, initialization) => {
      const { inertia } = fit(points, { clusterCount: 1000, initialization });
      expect(inertia).toBeLessThan(1e-10);
    },
  );

  test.prop([gridPoints(), fc.integer({ min: 1, max: 5 })])(
    "every used centroid is the mean of its points",
    (points, clusterCount) => {
      const { centroids, nearest } = fit(points, { clusterCount });
      const [rows, width] = points.shape;
      for (let c = 0; c < centroids.shape[0]; c++) {
        const members = Array.from({ length: rows }, (_, r) => r).filter((r) => nearest.index[r] === c);
        if (members.length === 0) continue;
        for (let k = 0; k < width; k++) {
          const mean = members.reduce((sum, r) => sum + points.data[r * width + k], 0) / members.length;
          // Lloyd stops when no centre moves by more than a squared distance of 1e-6.
          expect(Math.abs(centroids.data[c * width + k] - mean)).toBeLessThan(2e-3);
        }
      }
    },
  );

  test.prop([gridPoints(), fc.integer({ min: 1, max: 5 }), fc.integer()])(
    "more restarts never have more inertia",
    (points, clusterCount, seed) => {
      const few = fit(points, { clusterCount, seed, restarts: 1 });
      const many = fit(points, { clusterCount, seed, restarts: 5 });
      expect(many.inertia).toBeLessThanOrEqual(few.inertia);
    },
  );

  test.prop([gridPoints(), initialization, fc.integer()])(
    "the same seed gives the same bits",
    (points, initialization, seed) => {
      expect(fit(points, { seed, initialization })).toEqual(fit(points, { seed, initialization }));
    },
  );

  test("yields after every iteration of every restart", () => {
    // One point: each restart starts where it ends, and sees it after one iteration.
    const point = { shape: [1, 1], data: Float32Array.of(2) };
    const search = kMeans(point, { clusterCount: 1, restarts: 4, initialization: "random", seed: 0, name: "" });
    let yields = 0;
    while (!search.next().done) yields++;
    expect(yields).toBe(4);
  });
});
