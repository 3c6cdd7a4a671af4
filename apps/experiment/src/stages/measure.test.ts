import { staticPolicy } from "@quee/baselines";
import { bits, type CostTable, type Path, pathKey } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";
import { expect, test } from "vitest";
import type { Tables } from "./collect.js";
import { measureWith, operatingPoint, type Sweep, wholeNetwork } from "./measure.js";
import { classPoint, examplesOf } from "./who-goes-where.js";

const paths = [[8], [8, 8], [8, 6]].map((levels) => levels.map(bits));
const costs: CostTable = {
  name: "made up",
  unit: "BitOPs",
  unitCost: 1,
  byPath: new Map(paths.map((path, p) => [pathKey(path), [0.5, 1, 0.9][p] ?? 0])),
};

/** 20 samples of two classes; the first exit is right about class 0 only, the second about everything. */
function table<Role extends "validation" | "test" | "train">(role: Role): PathTable<Role> {
  const labels = Int32Array.from({ length: 20 }, (_, i) => i % 2);
  const sure = (predict: (label: number) => number) => {
    const rows = new Float32Array(40);
    for (const [i, label] of labels.entries()) rows[2 * i + predict(label)] = 1;
    return rows;
  };
  const right = sure((label) => label);
  return createPathTable({ role, classCount: 2, labels, paths, probabilities: [sure(() => 0), right, right] });
}

const tables: Tables = { train: table("train"), validation: table("validation"), test: table("test") };
const measure = measureWith(3, 2);
const alwaysExit: Path = [bits(8)];

test("a static path is measured at its own accuracy and cost", () => {
  const { point, validation } = measure.both(staticPolicy(alwaysExit), tables, costs);
  expect(point).toMatchObject({ top1: 0.5, cost: 0.5, costP95: 0.5, exitHistogram: [1, 0], pathShares: { "8": 1 } });
  expect(validation).toEqual({ top1: 0.5, cost: 0.5 });
  expect(measure.top1(tables.test, wholeNetwork(bits(8), 2))).toBe(1);
});

const sweep = (points: readonly { setting: number; validation: [number, number]; test: [number, number] }[]): Sweep =>
  points.map(({ setting, validation, test: onTest }) => ({
    setting,
    ...measure.both(staticPolicy(alwaysExit), tables, costs),
    validation: { top1: validation[0], cost: validation[1] },
    point: { ...measure.both(staticPolicy(alwaysExit), tables, costs).point, top1: onTest[0], cost: onTest[1] },
  }));

test("the setting for a budget is the best on validation images, even where test images would choose another", () => {
  const quee = sweep([
    { setting: 0.1, validation: [0.8, 0.55], test: [0.7, 0.56] },
    { setting: 0.2, validation: [0.7, 0.45], test: [0.9, 0.45] },
    { setting: 0.0, validation: [0.95, 0.9], test: [0.95, 0.9] },
  ]);
  const rival = sweep([{ setting: 8, validation: [0.9, 0.9], test: [0.9, 0.9] }]);
  expect(operatingPoint(0.6, quee, { rival })).toEqual({
    budget: 0.6,
    lambda: 0.1,
    validation: { top1: 0.8, cost: 0.55 },
    test: { top1: 0.7, cost: 0.56 },
    rivals: [],
  });
});

test("a budget that nothing meets has no setting", () => {
  const quee = sweep([{ setting: 1, validation: [0.8, 0.55], test: [0.7, 0.56] }]);
  expect(operatingPoint(0.1, quee, {})).toMatchObject({ lambda: null, validation: null, test: null });
});

test("classes and examples add up to the test images", () => {
  const { testReplay } = measure.both(staticPolicy(alwaysExit), tables, costs);
  const point = classPoint(0.3, testReplay, tables.test, 2);
  expect(point).toEqual({
    lambda: 0.3,
    exits: [
      [10, 0],
      [10, 0],
    ],
    correct: [10, 0],
    meanBits: [8, 8],
  });
  const [examples, ...others] = examplesOf({ lambda: 0.3, replay: testReplay }, tables.test);
  expect(others).toEqual([]);
  expect(examples?.path).toBe("8");
  expect(examples?.images).toHaveLength(12);
  expect(examples?.images[1]).toEqual({ id: 1, label: 1, predicted: 0 });
});
