import { bits, pathKey } from "@quee/core";
import { boxStatistics } from "@quee/metrics";
import { entropyRows } from "@quee/tensor";
import { expect, test } from "vitest";
import { describeClusters } from "./describe-clusters.js";
import { fitErrorTargets } from "./fit-error-targets.js";
import { probabilityTable } from "./samples.test.fixture.js";
import { seedStability } from "./seed-stability.js";

const table = probabilityTable({ count: 600, classCount: 4, seed: 5 });
const [path] = table.paths;

test("boxes are those of the samples that are nearest to the cell's centroid", async () => {
  const targets = await fitErrorTargets({ table, clusterCount: 6, restarts: 2, seed: 3 });
  const described = describeClusters(targets, path, table);
  const clusters = targets.byPath.get(pathKey(path));
  if (clusters === undefined) throw new Error("no clusters");
  expect(described.map(({ errorRate }) => errorRate)).toEqual([...clusters.errorRate].sort((a, b) => a - b));
  expect(described.reduce((sum, { count }) => sum + count, 0)).toBe(600);

  const rows = table.probabilities(path);
  const nearest = Array.from({ length: 600 }, (_, i) => {
    const distances = Array.from(clusters.errorRate, (_, c) =>
      [0, 1, 2, 3].reduce((sum, k) => sum + (rows[4 * i + k] - clusters.centroids.data[4 * c + k]) ** 2, 0),
    );
    return distances.indexOf(Math.min(...distances));
  });
  const entropies = entropyRows({ shape: [600, 4], data: rows });
  for (const { cell, entropy, labelProbability } of described) {
    const members = nearest.flatMap((at, i) => (at === cell ? [i] : []));
    expect(entropy).toEqual(boxStatistics(members.map((i) => entropies[i])));
    expect(labelProbability).toEqual(boxStatistics(members.map((i) => rows[4 * i + table.labels[i]])));
  }
});

test("more cells separate entropies better, as figure 6 shows", async () => {
  const spreadOfMedians = async (clusterCount: number) => {
    const targets = await fitErrorTargets({ table, clusterCount, restarts: 3, seed: 3 });
    const medians = describeClusters(targets, path, table).map(({ entropy }) => entropy?.median ?? 0);
    return Math.max(...medians) - Math.min(...medians);
  };
  expect(await spreadOfMedians(20)).toBeGreaterThan(await spreadOfMedians(4));
});

test("a path without clusters is refused by name", async () => {
  const targets = await fitErrorTargets({ table, clusterCount: 2, restarts: 1, seed: 0 });
  expect(() => describeClusters(targets, [bits(5)], table)).toThrow("clusters of path 5");
});

test("seeds agree wholly where there is one best answer", async () => {
  // Three far groups, of which the last is always wrong.
  const groups = Float32Array.from({ length: 90 * 3 }, (_, j) => (j % 3 === Math.floor(j / 3) % 3 ? 0.98 : 0.01));
  const labels = Int32Array.from({ length: 90 }, (_, i) => (i % 3 === 2 ? 0 : i % 3));
  const clear = { ...table, count: 90, classCount: 3, labels, paths: [path], probabilities: () => groups };
  const stability = await seedStability({ table: clear, clusterCount: 3, restarts: 5, seeds: [1, 2, 3] });
  expect(stability).toMatchObject({ clusterCount: 3, targetDifference: 0, adjustedRand: 1, inertiaSpread: 0 });
});

test("restarts make seeds agree more", async () => {
  const stabilityWith = (restarts: number) => seedStability({ table, clusterCount: 15, restarts, seeds: [1, 2, 3, 4] });
  const [one, many] = [await stabilityWith(1), await stabilityWith(20)];
  expect(many.inertiaSpread).toBeLessThan(one.inertiaSpread);
  expect(many.targetDifference).toBeLessThan(one.targetDifference);
  expect(many.adjustedRand).toBeGreaterThan(one.adjustedRand);
  expect(one.byPath.map((each) => each.path)).toEqual(table.paths.map(pathKey));
  expect(one.adjustedRand).toBeCloseTo((one.byPath[0].adjustedRand + one.byPath[1].adjustedRand) / 2, 12);
});

test("one seed has nothing to agree with", async () => {
  await expect(seedStability({ table, seeds: [4, 4] })).rejects.toMatchObject({ kind: "config" });
});
