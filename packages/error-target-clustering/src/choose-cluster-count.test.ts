import { test } from "@fast-check/vitest";
import { bits, pathKey } from "@quee/core";
import { describe, expect } from "vitest";
import { chooseClusterCount } from "./choose-cluster-count.js";
import { type ErrorTargets, fitErrorTargets } from "./fit-error-targets.js";
import { selectRows } from "./probability-table.js";
import { probabilityTable } from "./samples.test.fixture.js";
import { scoreErrorTargets } from "./score-error-targets.js";

const table = probabilityTable({ count: 1200, classCount: 4, seed: 11, paths: [[bits(8), bits(8)]] });
const options = { table, clusterCounts: [20, 1, 6], restarts: 2, seed: 5 };

describe("chooseClusterCount", () => {
  test("by Brier score prefers cells that tell sure from unsure to a single one", async () => {
    const { clusterCount, scores } = await chooseClusterCount(options);
    expect(scores.map((score) => score.clusterCount)).toEqual([1, 6, 20]);
    expect(clusterCount).toBeGreaterThan(1);
    const brier = scores.map((score) => score.brier);
    expect(Math.min(brier[1], brier[2])).toBeLessThan(brier[0] - 0.02);
    expect(scores.find((score) => score.clusterCount === clusterCount)?.brier).toBe(Math.min(...brier));
  });

  test("by calibration error takes the least, whatever it tells apart", async () => {
    const { clusterCount, scores } = await chooseClusterCount({ ...options, criterion: "ece" });
    const ece = scores.map((score) => score.ece);
    expect(scores.find((score) => score.clusterCount === clusterCount)?.ece).toBe(Math.min(...ece));
    // One cell is as far off as the two halves' base rates are apart.
    expect(ece[0]).toBeLessThan(0.05);
  });

  test("with equal scores the smaller number wins", async () => {
    // Two distinct vectors: 2 and 9 cells are the same cells.
    const rows = Float32Array.from({ length: 200 }, (_, j) =>
      j % 4 === 0 || j % 4 === 2 ? 0.75 - (j % 4) / 8 : j % 4 === 1 ? 0.25 : 0.5,
    );
    const labels = Int32Array.from({ length: 100 }, (_, i) => (i % 4 === 1 ? 1 : 0));
    const narrow = {
      role: "validation" as const,
      count: 100,
      classCount: 2,
      labels,
      paths: [[bits(8)]],
      probabilities: () => rows,
    };
    const { clusterCount, scores } = await chooseClusterCount({ table: narrow, clusterCounts: [9, 2], seed: 1 });
    expect(scores[0].brier).toBe(scores[1].brier);
    expect(clusterCount).toBe(2);
  });

  test("averages over halvings, which differ", async () => {
    const { scores, parabolas } = await chooseClusterCount({ ...options, splits: 3 });
    for (const { bySplit, brier, ece } of scores) {
      expect(bySplit).toHaveLength(3);
      expect(new Set(bySplit.map((split) => split.brier)).size).toBe(3);
      expect(brier).toBeCloseTo(bySplit.reduce((sum, split) => sum + split.brier, 0) / 3, 12);
      expect(ece).toBeCloseTo(bySplit.reduce((sum, split) => sum + split.ece, 0) / 3, 12);
    }
    const first = await chooseClusterCount(options);
    expect(scores.map(({ bySplit }) => bySplit[0])).toEqual(first.scores.map(({ ece, brier }) => ({ ece, brier })));
    // Three points: the parabola goes through them.
    for (const { clusterCount: k, brier } of scores) {
      const { a, b, c } = parabolas.brier ?? { a: 0, b: 0, c: 0 };
      expect(a * k * k + b * k + c).toBeCloseTo(brier, 10);
    }
  });

  test("two numbers have no parabola", async () => {
    const { parabolas } = await chooseClusterCount({ ...options, clusterCounts: [2, 5] });
    expect(parabolas).toEqual({ ece: null, brier: null });
  });

  test("is the same for the same seed and refuses an empty list", async () => {
    expect(await chooseClusterCount(options)).toEqual(await chooseClusterCount(options));
    await expect(chooseClusterCount({ ...options, clusterCounts: [] })).rejects.toMatchObject({ kind: "config" });
  });
});

test("scores are taken on the samples given: base rate against its own outcome", () => {
  const path = table.paths[0];
  const single = {
    centroids: { shape: [1, 4], data: new Float32Array(4) },
    errorRate: Float32Array.of(0.25),
    sizes: Int32Array.of(1),
    inertia: 0,
  };
  const blind: ErrorTargets = { classCount: 4, clusterCount: 1, byPath: new Map([[pathKey(path), single]]) };
  const right = {
    ...table,
    count: 4,
    labels: Int32Array.of(0, 0, 0, 0),
    probabilities: () => Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0]),
  };
  // 3 of 4 right at a confidence of 0.75.
  expect(scoreErrorTargets(blind, right)).toEqual({ ece: 0, brier: (3 * 0.25 ** 2 + 0.75 ** 2) / 4 });
});

test("selected rows keep vectors and labels together", async () => {
  const rows = Int32Array.of(7, 3, 7);
  const selected = selectRows(table, rows);
  expect(selected.count).toBe(3);
  rows.forEach((row, i) => {
    expect(selected.labels[i]).toBe(table.labels[row]);
    expect(selected.probabilities(table.paths[0]).slice(4 * i, 4 * i + 4)).toEqual(
      table.probabilities(table.paths[0]).slice(4 * row, 4 * row + 4),
    );
  });
  await expect(fitErrorTargets({ table: selectRows(table, Int32Array.of()), seed: 0 })).rejects.toMatchObject({
    where: "validation table",
  });
});
