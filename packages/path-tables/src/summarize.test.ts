import { bits, type CostTable, legalPaths, pathKey } from "@quee/core";
import { expect, test } from "vitest";
import { imageCosts, summarize } from "./summarize.js";

const space = { levels: [bits(8), bits(6)], exitCount: 2, order: "monotone", firstBlock: "highest" } as const;
/** 8, 8-8, 8-6 */
const paths = legalPaths(space);
const costs: CostTable = {
  name: "fractions",
  unit: "BitOPs",
  unitCost: 100,
  byPath: new Map([
    [pathKey(paths[0]), 0.5],
    [pathKey(paths[1]), 1],
    [pathKey(paths[2]), 0.75],
  ]),
};

test("a summary counts accuracy, mean cost, exits and paths", () => {
  const replay = {
    exitCount: 2,
    pathIndex: Int32Array.of(0, 1, 2, 0),
    prediction: Int32Array.of(3, 0, 1, 2),
    correct: Uint8Array.of(1, 0, 1, 1),
  };
  expect(summarize(replay, { paths }, costs)).toEqual({
    top1: 0.75,
    coverage: 1,
    selectiveTop1: 0.75,
    cost: (0.5 + 1 + 0.75 + 0.5) / 4,
    costP95: 1,
    exitHistogram: [2, 2],
    pathHistogram: [2, 1, 1],
  });
});

test("the 95th percentile of cost is the least cost that 95 of 100 images do not exceed", () => {
  const of = (dear: number) => ({
    exitCount: 2,
    pathIndex: Int32Array.from({ length: 100 }, (_, i) => (i < dear ? 1 : 0)),
    prediction: new Int32Array(100),
    correct: new Uint8Array(100),
  });
  expect(summarize(of(5), { paths }, costs).costP95).toBe(0.5);
  expect(summarize(of(6), { paths }, costs).costP95).toBe(1);
});

test("only paths that were taken need a cost", () => {
  const partial: CostTable = { ...costs, byPath: new Map([[pathKey(paths[0]), 0.5]]) };
  expect([...imageCosts({ pathIndex: Int32Array.of(0, 0) }, { paths }, partial)]).toEqual([0.5, 0.5]);
  expect(() => imageCosts({ pathIndex: Int32Array.of(0, 2) }, { paths }, partial)).toThrow(/8-6/);
});

test("no samples have no summary", () => {
  const none = {
    exitCount: 2,
    pathIndex: new Int32Array(0),
    prediction: new Int32Array(0),
    correct: new Uint8Array(0),
  };
  expect(() => summarize(none, { paths }, costs)).toThrow(/expected samples, got none/);
});

test("an abstention costs its way, lowers coverage and accuracy, and leaves the selective accuracy alone", () => {
  const replay = {
    exitCount: 2,
    pathIndex: Int32Array.of(0, 0, 1, 2),
    prediction: Int32Array.of(1, -1, 0, -1),
    correct: Uint8Array.of(1, 0, 0, 0),
  };
  expect(summarize(replay, { paths }, costs)).toMatchObject({
    top1: 0.25,
    coverage: 0.5,
    selectiveTop1: 0.5,
    cost: (0.5 + 0.5 + 1 + 0.75) / 4,
    exitHistogram: [2, 2],
  });
  const nobody = { ...replay, prediction: Int32Array.of(-1, -1, -1, -1), correct: new Uint8Array(4) };
  expect(summarize(nobody, { paths }, costs)).toMatchObject({ top1: 0, coverage: 0, selectiveTop1: null });
});
