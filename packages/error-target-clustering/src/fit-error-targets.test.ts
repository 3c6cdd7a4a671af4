import { test } from "@fast-check/vitest";
import { bits, type Path, pathKey, QueeError } from "@quee/core";
import { openPool } from "@quee/onnx-session";
import { argmaxRows } from "@quee/tensor";
import { describe, expect } from "vitest";
import { assignTargets, targetsOf } from "./assign-targets.js";
import { type FittedPath, fitErrorTargets } from "./fit-error-targets.js";
import { errorTargetsToJson, parseErrorTargets } from "./json.js";
import { libraryLloyd } from "./library-lloyd.js";
import { lloydInPool } from "./lloyd-in-pool.js";
import { probabilityTable } from "./samples.test.fixture.js";

const table = probabilityTable({ count: 400, classCount: 5, seed: 3 });
const options = { table, clusterCount: 8, restarts: 3, seed: 7 };

describe("fitErrorTargets", () => {
  test("κ = 0: the mean target of the validation samples is the error of the path, and cells are counted as they are assigned", async () => {
    const targets = await fitErrorTargets({ ...options, shrinkage: 0 });
    for (const path of table.paths) {
      const predicted = argmaxRows({ shape: [400, 5], data: table.probabilities(path) });
      const error = predicted.reduce((sum, label, i) => sum + (label === table.labels[i] ? 0 : 1), 0) / 400;
      const assigned = targetsOf(targets, path, table);
      expect(assigned.reduce((sum, target) => sum + target, 0) / 400).toBeCloseTo(error, 5);
      const sizes = targets.byPath.get(pathKey(path))?.sizes ?? Int32Array.of();
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(400);
    }
  });

  test("sure samples have a smaller target than unsure ones", async () => {
    const targets = await fitErrorTargets(options);
    const clusters = targets.byPath.get(pathKey(table.paths[1]));
    if (clusters === undefined) throw new Error("no clusters");
    const sure = Float32Array.of(0.96, 0.01, 0.01, 0.01, 0.01);
    const unsure = Float32Array.of(0.24, 0.19, 0.19, 0.19, 0.19);
    const [low] = assignTargets(clusters, { shape: [1, 5], data: sure });
    const [high] = assignTargets(clusters, { shape: [1, 5], data: unsure });
    expect(low).toBeLessThan(high - 0.2);
  });

  test("the same seed gives the same targets, whichever paths stand beside", async () => {
    const both = await fitErrorTargets(options);
    const second = await fitErrorTargets({ ...options, table: { ...table, paths: [table.paths[1]] } });
    const key = pathKey(table.paths[1]);
    expect(second.byPath.get(key)).toEqual(both.byPath.get(key));
  });

  test("worker threads take several paths at once and change nothing", async () => {
    const paths = [[bits(8)], [bits(8), bits(6)], [bits(8), bits(7)]];
    const many = { ...options, table: probabilityTable({ count: 300, classCount: 5, seed: 4, paths }) };
    const pool = await openPool({ workers: 2 });
    const lloyd = lloydInPool(pool);
    const done: number[] = [];
    const inWorkers = await fitErrorTargets({ ...many, lloyd, onPath: (path) => done.push(path.done) });
    await pool.close();
    const here = await fitErrorTargets(many);
    expect([...inWorkers.byPath.keys()]).toEqual(paths.map(pathKey));
    for (const [key, { sizes, errorRate }] of here.byPath) {
      expect(inWorkers.byPath.get(key)?.sizes).toEqual(sizes);
      expect(inWorkers.byPath.get(key)?.errorRate).toEqual(errorRate);
    }
    expect(done).toEqual([1, 2, 3]);
  });

  test("a path that fails ends the others at the path that they are at", async () => {
    const paths = [5, 6, 7, 8].map((level) => [bits(level)]);
    const many = probabilityTable({ count: 50, classCount: 3, seed: 4, paths });
    const asked: string[] = [];
    const probabilities = (path: Path) => {
      asked.push(pathKey(path));
      return pathKey(path) === "5" ? new Float32Array(150).fill(Number.NaN) : many.probabilities(path);
    };
    const fitting = fitErrorTargets({
      ...options,
      table: { ...many, probabilities },
      lloyd: { ...libraryLloyd, concurrency: 2 },
    });
    await expect(fitting).rejects.toMatchObject({ where: "path 5, sample 0, class 0" });
    expect(asked).toEqual(["5", "6"]);
  });

  test("a path with fewer distinct vectors than clusters gets that many cells, and says so", async () => {
    const rows = Float32Array.from([...Array(4).fill([1, 0]), ...Array(3).fill([0.5, 0.5])].flat());
    const labels = Int32Array.of(0, 0, 0, 1, 1, 1, 0);
    const narrow = {
      role: "validation" as const,
      count: 7,
      classCount: 2,
      labels,
      paths: [[bits(8)]],
      probabilities: () => rows,
    };
    const reports: FittedPath[] = [];
    const targets = await fitErrorTargets({
      table: narrow,
      clusterCount: 20,
      shrinkage: 0,
      seed: 0,
      onPath: (path) => reports.push(path),
    });
    expect(targets.clusterCount).toBe(20);
    expect(reports).toMatchObject([{ done: 1, total: 1, reduced: true }]);
    const clusters = reports[0].clusters;
    expect(clusters.centroids.shape).toEqual([2, 2]);
    const assigned = assignTargets(clusters, { shape: [2, 2], data: Float32Array.of(0.9, 0.1, 0.4, 0.6) });
    // [0.5, 0.5] is answered with class 0: two of its three samples are of class 1.
    expect(assigned[0]).toBeCloseTo(1 / 4, 6);
    expect(assigned[1]).toBeCloseTo(2 / 3, 6);
  });

  test("lets the event loop run, and stops at a signal", async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    await expect(fitErrorTargets({ ...options, restarts: 50, signal: controller.signal })).rejects.toThrow(/abort/i);
  });

  test.each([
    ["clusterCount", { clusterCount: 0 }],
    ["restarts", { restarts: 1.5 }],
    ["shrinkage", { shrinkage: -1 }],
  ])("refuses a bad %s by name", async (where, change) => {
    await expect(fitErrorTargets({ ...options, ...change })).rejects.toMatchObject({ kind: "config", where });
  });

  test("a probability that is not a number is refused with its place", async () => {
    const broken = table.probabilities(table.paths[0]).slice();
    broken[7 * 5 + 2] = Number.NaN;
    const failing = fitErrorTargets({ ...options, table: { ...table, probabilities: () => broken } });
    await expect(failing).rejects.toMatchObject({ kind: "numeric", where: "path 8, sample 7, class 2" });
  });
});

describe("error targets as JSON", () => {
  test("come back as they were, through text", async () => {
    const targets = await fitErrorTargets(options);
    expect(parseErrorTargets(JSON.parse(JSON.stringify(errorTargetsToJson(targets))))).toEqual(targets);
  });

  test("are refused with the place where they are broken", async () => {
    const json = errorTargetsToJson(await fitErrorTargets(options));
    json.paths[1].errorRate[0] = 1.5;
    expect(() => parseErrorTargets(json, { file: "targets.json" })).toThrow(/^targets\.json: paths\.1\.errorRate\.0: /);
    json.paths[1].errorRate = [];
    expect(() => parseErrorTargets(json)).toThrow(QueeError);
    expect(() => parseErrorTargets(null)).toThrow(/^document: /);
  });

  test("lack of a path is an error that names it", async () => {
    const targets = await fitErrorTargets(options);
    expect(() => targetsOf(targets, [bits(5)], table)).toThrow(/clusters of path 5/);
  });
});
