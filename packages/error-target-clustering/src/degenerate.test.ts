import { bits, type Path } from "@quee/core";
import { describe, expect, test } from "vitest";
import { targetsOf } from "./assign-targets.js";
import { chooseClusterCount } from "./choose-cluster-count.js";
import { describeClusters } from "./describe-clusters.js";
import { type FitErrorTargetsOptions, fitErrorTargets } from "./fit-error-targets.js";
import { probabilityTable } from "./samples.test.fixture.js";
import { scoreErrorTargets } from "./score-error-targets.js";

const path: Path = [bits(8)];
const base = probabilityTable({ count: 60, classCount: 3, seed: 2, paths: [path] });
const predicted = Int32Array.from({ length: 60 }, (_, i) => {
  const row = [...base.probabilities(path).subarray(3 * i, 3 * i + 3)];
  return row.indexOf(Math.max(...row));
});

function fit(table: FitErrorTargetsOptions["table"], change: Partial<FitErrorTargetsOptions> = {}) {
  return fitErrorTargets({ table, clusterCount: 4, restarts: 2, seed: 1, ...change });
}

describe("degenerate tables", () => {
  test.each([
    ["all right", predicted, 0],
    ["all wrong", predicted.map((label) => (label + 1) % 3), 1],
  ])("%s: every cell says so, with shrinkage too", async (_, labels, error) => {
    for (const shrinkage of [0, 5]) {
      const table = { ...base, labels };
      const targets = await fit(table, { shrinkage });
      expect(new Set(targetsOf(targets, path, table))).toEqual(new Set([error]));
      expect(scoreErrorTargets(targets, table)).toEqual({ ece: 0, brier: 0 });
    }
  });

  test("one class: one vector, one cell, never an error", async () => {
    const ones = new Float32Array(9).fill(1);
    const shape = { role: "validation" as const, count: 9, classCount: 1, labels: new Int32Array(9) };
    const table = { ...shape, paths: [path], probabilities: () => ones };
    const targets = await fit(table);
    expect(targets.byPath.get("8" as never)).toMatchObject({ sizes: Int32Array.of(9), inertia: 0 });
    expect([...targetsOf(targets, path, table)]).toEqual(Array(9).fill(0));
  });

  test("one sample: one cell that is it", async () => {
    const one = {
      ...base,
      count: 1,
      labels: base.labels.slice(0, 1),
      probabilities: () => Float32Array.of(0.2, 0.5, 0.3),
    };
    const [target] = targetsOf(await fit(one), path, one);
    expect(target).toBe(base.labels[0] === 1 ? 0 : 1);
  });

  test("more cells than samples: one for each, and an unseen sample takes the nearest", async () => {
    const targets = await fit(base, { clusterCount: 500, shrinkage: 0 });
    const clusters = targets.byPath.get("8" as never);
    expect(clusters?.sizes).toEqual(new Int32Array(60).fill(1));
    const wrong = Array.from(predicted, (label, i) => (label === base.labels[i] ? 0 : 1));
    expect([...targetsOf(targets, path, base)]).toEqual(wrong);
  });

  test("a cell without samples has the base rate as target and no box", async () => {
    const targets = await fit(base);
    const clusters = targets.byPath.get("8" as never);
    if (clusters === undefined) throw new Error("no clusters");
    const far = { shape: [5, 3], data: Float32Array.of(...clusters.centroids.data, 90, 90, 90) };
    const withEmpty = { ...clusters, centroids: far, errorRate: Float32Array.of(...clusters.errorRate, 0.3) };
    const described = describeClusters({ ...targets, byPath: new Map([["8" as never, withEmpty]]) }, path, base);
    expect(described.find(({ cell }) => cell === 4)).toMatchObject({ count: 0, entropy: null, labelProbability: null });
  });

  test("two samples are enough to compare numbers of cells", async () => {
    const two = {
      ...base,
      count: 2,
      labels: base.labels.slice(0, 2),
      probabilities: () => base.probabilities(path).slice(0, 6),
    };
    const { scores } = await chooseClusterCount({ table: two, clusterCounts: [1, 5], seed: 0 });
    for (const { ece, brier } of scores) expect(ece >= 0 && ece <= 1 && brier >= 0 && brier <= 1).toBe(true);
  });
});
