import { bits, type CostTable, type Path, pathKey } from "@quee/core";
import { createPathTable, type PathTable, type Replay } from "@quee/path-tables";
import { expect, test } from "vitest";
import { costAtLoss, outcomeOf } from "./outcome.js";
import type { RecipeRouter } from "./recipe-router.js";

const paths: readonly Path[] = [[8], [8, 8]].map((levels) => levels.map(bits));
const costs: CostTable = {
  ...{ name: "made up", unit: "BitOPs", unitCost: 1 },
  byPath: new Map([
    [pathKey(paths[0] as Path), 0.5],
    [pathKey(paths[1] as Path), 1],
  ]),
};

/** Exit 1 is right about the first half of the images, the whole network about all. */
function table<Role extends "validation" | "test">(role: Role, count: number): PathTable<Role> {
  const labels = new Int32Array(count);
  const rows = (right: (i: number) => boolean) =>
    Float32Array.from({ length: 2 * count }, (_, at) => (right(Math.floor(at / 2)) === (at % 2 === 0) ? 1 : 0));
  return createPathTable({
    ...{ role, classCount: 2, labels, paths },
    probabilities: [rows((i) => i < count / 2), rows(() => true)],
  });
}

/** λ is the share of the images that leave, from the first on. */
const router: RecipeRouter = {
  lambdas: [0, 0.25, 0.5, 0.75],
  ...{ gateMacs: [7], paths, gates: [], epochs: [3], wholePaths: null },
  routes: (given) => (lambda) => {
    const leaves = (i: number) => i < lambda * given.count;
    const pathIndex = Int32Array.from({ length: given.count }, (_, i) => (leaves(i) ? 0 : 1));
    const correct = Uint8Array.from(pathIndex, (p, i) => (p === 1 || i < given.count / 2 ? 1 : 0));
    return {
      exit: "replayed",
      policy: "p",
      exitCount: 2,
      pathIndex,
      prediction: new Int32Array(given.count),
      correct,
    } satisfies Replay;
  },
};
const choose = table("validation", 8);
const parts = { train: choose as never, fit: choose, choose, test: table("test", 16) };
const options = { costs: () => costs, full: { choose: 1, test: 1 }, first: paths[0] as Path };

test("what is worse and no cheaper on the images that choose is not asked of test images", () => {
  const { points } = outcomeOf(router, parts, options);
  // λ = 0 and 0.25 are right about all, like 0.5, which is cheaper.
  expect(points).toEqual([
    { lambda: 0.5, choose: { cost: 0.75, top1: 1 }, test: { cost: 0.75, top1: 1 } },
    { lambda: 0.75, choose: { cost: 0.625, top1: 0.75 }, test: { cost: 0.625, top1: 0.75 } },
    { lambda: null, choose: { cost: 0.5, top1: 0.5 }, test: { cost: 0.5, top1: 0.5 } },
  ]);
});

test("operating points are the cheapest that keep an accuracy on the images that choose", () => {
  const { atLoss } = outcomeOf(router, parts, { ...options, full: { choose: 0.77, test: 1 } });
  expect(atLoss.map(({ loss, test: at }) => [loss, at?.cost])).toEqual([
    [0, 0.75],
    [0.005, 0.75],
    [0.01, 0.75],
    [0.02, 0.625],
  ]);
  const never = outcomeOf(router, parts, { ...options, full: { choose: 1.5, test: 1 } });
  expect(never.atLoss.every(({ test: at }) => at === null)).toBe(true);
});

test("a router that may not leave has no point for it, and the curve says where it comes to an accuracy", () => {
  const outcome = outcomeOf(router, parts, { ...options, first: null });
  expect(outcome.points.map(({ lambda }) => lambda)).toEqual([0.5, 0.75]);
  expect(costAtLoss({ ...outcome, full: { choose: 1, test: 0.895 } }, 0.02)).toBeCloseTo(0.6875, 9);
});
