import { test } from "@fast-check/vitest";
import { openPool } from "@quee/onnx-session";
import { randomStream, type Tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { afterAll, describe, expect } from "vitest";
import { distinctRows } from "./distinct-rows.js";
import { initialCentres } from "./initial-centres.js";
import { type KMeansFit, type KMeansOptions, kMeans } from "./k-means.js";
import { libraryLloyd } from "./library-lloyd.js";
import { lloydInPool } from "./lloyd-in-pool.js";
import { nearestCentroids } from "./nearest-centroids.js";
import { gridPoints, probabilityTable } from "./samples.test.fixture.js";

function fit(points: Tensor, options: Partial<KMeansOptions> = {}): Promise<KMeansFit> {
  return kMeans(points, {
    clusterCount: 3,
    restarts: 3,
    initialization: "random",
    seed: 1,
    name: "test",
    ...options,
  });
}

const pool = await openPool({ workers: 1 });
const pooled = lloydInPool(pool);
afterAll(() => pool.close());
const runners = [
  ["ml-kmeans", libraryLloyd],
  ["onnxruntime", pooled],
] as const;

const initialization = fc.constantFrom("random" as const, "kmeans++" as const);

describe.each(runners)("kMeans by %s", (_, lloyd) => {
  test("finds three far groups with both initialisations", async () => {
    const data = Float32Array.from([0, 0, 0.2, 0, 5, 5, 5.2, 5, 9, 0, 9, 0.4]);
    for (const initialization of ["random", "kmeans++"] as const) {
      const { centroids, inertia } = await fit({ shape: [6, 2], data }, { initialization, restarts: 10, lloyd });
      const rows = [0, 1, 2].map((c) => [...centroids.data.subarray(2 * c, 2 * c + 2)]).sort((a, b) => a[0] - b[0]);
      expectAllclose(rows.flat(), [0.1, 0, 5.1, 5, 9, 0.2], { atol: 1e-6 });
      expect(inertia).toBeCloseTo(0.02 + 0.02 + 0.08, 6);
    }
  });

  test.prop([gridPoints(), fc.integer({ min: 1, max: 12 }), initialization])(
    "has as many centroids as asked, but never more than there are distinct points",
    async (points, clusterCount, initialization) => {
      const { centroids } = await fit(points, { clusterCount, initialization, lloyd });
      expect(centroids.shape).toEqual([Math.min(clusterCount, distinctRows(points).count), points.shape[1]]);
    },
  );

  test.prop([gridPoints(), initialization])(
    "with a centroid for every distinct point no inertia is left",
    async (points, initialization) => {
      const { inertia } = await fit(points, { clusterCount: 1000, initialization, lloyd });
      expect(inertia).toBeLessThan(1e-10);
    },
  );

  // Not of grid points: of two centres at one distance, rounding to float32 may give the point to the other one.
  test.each([1, 2, 3])("every used centroid is the mean of its points (seed %i)", async (seed) => {
    const points = probabilities(200, 6);
    const { centroids, nearest } = await fit(points, { clusterCount: 5, seed, lloyd });
    const [rows, width] = points.shape;
    for (let c = 0; c < centroids.shape[0]; c++) {
      const members = Array.from({ length: rows }, (_, r) => r).filter((r) => nearest.index[r] === c);
      for (let k = 0; k < width; k++) {
        const mean = members.reduce((sum, r) => sum + points.data[r * width + k], 0) / members.length;
        // Lloyd stops when no centre moves by more than a squared distance of 1e-6.
        expect(Math.abs(centroids.data[c * width + k] - mean)).toBeLessThan(2e-3);
      }
    }
  });

  test.prop([gridPoints(), fc.integer({ min: 1, max: 5 }), fc.integer()])(
    "Lloyd's iterations never add inertia to their start",
    async (points, clusterCount, seed) => {
      const distinct = distinctRows(points);
      const count = Math.min(clusterCount, distinct.count);
      const random = randomStream(seed, "start");
      const start = initialCentres(points, { initialization: "random", distinct, count, random });
      const search = lloyd.load(points, count);
      const end = await search.converge(start);
      search.release();
      expect(inertiaOf(end, points)).toBeLessThanOrEqual(inertiaOf(start, points) + 1e-6);
    },
  );

  test.prop([gridPoints(), fc.integer({ min: 1, max: 5 }), fc.integer()])(
    "more restarts never have more inertia",
    async (points, clusterCount, seed) => {
      const few = await fit(points, { clusterCount, seed, restarts: 1, lloyd });
      const many = await fit(points, { clusterCount, seed, restarts: 5, lloyd });
      expect(many.inertia).toBeLessThanOrEqual(few.inertia);
    },
  );

  test.prop([gridPoints(), initialization, fc.integer()])(
    "the same seed gives the same bits",
    async (points, initialization, seed) => {
      const options = { seed, initialization, lloyd };
      expect(await fit(points, options)).toEqual(await fit(points, options));
    },
  );

  test("stops at a signal, and says its reason", async () => {
    const points = probabilities(600, 10);
    const controller = new AbortController();
    setImmediate(() => controller.abort(new Error("enough")));
    await expect(fit(points, { restarts: 50, lloyd, signal: controller.signal })).rejects.toThrow("enough");
  });

  test("a centre that no point is nearest to stays where it was", async () => {
    const search = lloyd.load({ shape: [3, 1], data: Float32Array.of(0, 1, 2) }, 2);
    const { data } = await search.converge({ shape: [2, 1], data: Float64Array.of(0.5, 40) });
    search.release();
    expect([...data]).toEqual([1, 40]);
  });

  test("of two centres at one distance the first takes the point", async () => {
    const search = lloyd.load({ shape: [1, 1], data: Float32Array.of(1) }, 3);
    const { index } = await search.nearest({ shape: [3, 1], data: Float32Array.of(4, 0, 2) });
    search.release();
    expect([...index]).toEqual([1]);
  });
});

describe("both runners", () => {
  test.each([
    [20, 500, 10, "random"],
    [70, 1000, 10, "random"],
    [40, 300, 100, "random"],
    [15, 400, 10, "kmeans++"],
  ] as const)(
    "find the same %i cells in %i points of width %i (%s)",
    async (clusterCount, count, width, initialization) => {
      const options = { clusterCount, initialization, restarts: 4 };
      const points = probabilities(count, width);
      const byLibrary = await fit(points, { ...options, lloyd: libraryLloyd });
      const byGraph = await fit(points, { ...options, lloyd: pooled });
      expect(byGraph.nearest.index).toEqual(byLibrary.nearest.index);
      expectAllclose(byGraph.centroids.data, byLibrary.centroids.data, { rtol: 1e-6, atol: 1e-9 });
      expect(byGraph.inertia / byLibrary.inertia).toBeCloseTo(1, 9);
    },
  );
});

test("k-means++ starts with less inertia than random points do", async () => {
  const points = probabilities(500, 10);
  const distinct = distinctRows(points);
  const mean = (initialization: "random" | "kmeans++") => {
    const inertias = Array.from({ length: 20 }, (_, seed) => {
      const random = randomStream(seed, "start");
      return inertiaOf(initialCentres(points, { initialization, distinct, count: 12, random }), points);
    });
    return inertias.reduce((a, b) => a + b) / inertias.length;
  };
  expect(mean("kmeans++")).toBeLessThan(0.8 * mean("random"));
});

function probabilities(count: number, width: number): Tensor {
  const table = probabilityTable({ count, classCount: width, seed: 9 });
  return { shape: [count, width], data: table.probabilities(table.paths[1]) };
}

function inertiaOf({ shape, data }: Tensor<Float64Array>, points: Tensor): number {
  return nearestCentroids({ shape, data: Float32Array.from(data) }, points).squaredDistance.reduce((a, b) => a + b);
}
