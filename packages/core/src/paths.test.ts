import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import {
  bits,
  legalPaths,
  nextLevels,
  type PathSpace,
  parsePathKey,
  pathKey,
  startsWith,
  uniformPaths,
} from "./paths.js";

const space = (levels: readonly number[], exitCount: number, rest: Partial<PathSpace> = {}): PathSpace => ({
  levels: levels.map(bits),
  exitCount,
  order: "monotone",
  firstBlock: "highest",
  ...rest,
});

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

// The counts of the paper's configurations: B levels, E exits.
test.each([
  { levels: [5, 6, 7], exits: 3, full: 39, monotone: 19, both: 10 },
  { levels: [5, 6, 7, 8], exits: 3, full: 84, monotone: 34, both: 15 },
  { levels: [6, 8], exits: 4, full: 30, monotone: 14, both: 10 },
  { levels: [6, 7, 8], exits: 5, full: 363, monotone: 55, both: 35 },
])("$levels bits and $exits exits give $both monotone paths that start at the most bits", (c) => {
  expect(legalPaths(space(c.levels, c.exits, { order: "any", firstBlock: "any" }))).toHaveLength(c.full);
  expect(legalPaths(space(c.levels, c.exits, { firstBlock: "any" }))).toHaveLength(c.monotone);
  expect(legalPaths(space(c.levels, c.exits))).toHaveLength(c.both);
});

test("paths come shorter first, then more bits first", () => {
  expect(legalPaths(space([6, 8], 2)).map(pathKey)).toEqual(["8", "8-8", "8-6"]);
});

test("the levels may be given in any order", () => {
  expect(legalPaths(space([8, 5, 7, 6], 3))).toEqual(legalPaths(space([5, 6, 7, 8], 3)));
});

test("nothing follows a path through all blocks", () => {
  expect(nextLevels([bits(8), bits(8)], space([6, 8], 2))).toEqual([]);
});

test("a path begins with itself and with the empty path, not with a longer one", () => {
  const path = [8, 6].map(bits);
  expect(startsWith(path, path)).toBe(true);
  expect(startsWith(path, [])).toBe(true);
  expect(startsWith(path, [8, 6, 6].map(bits))).toBe(false);
  expect(startsWith(path, [8, 8].map(bits))).toBe(false);
});

test("uniform paths stay at one level", () => {
  expect(uniformPaths(bits(6), 3).map(pathKey)).toEqual(["6", "6-6", "6-6-6"]);
});

test.each([1, 0, -1, 2.5, 33, Number.NaN])("%s is no bit-width", (width) => {
  expect(() => bits(width)).toThrow(/bits: expected a whole number from 2 to 32/);
});

property.prop([
  fc.uniqueArray(fc.integer({ min: 2, max: 16 }), { minLength: 1, maxLength: 5 }),
  fc.integer({ min: 1, max: 5 }),
])(
  "monotone paths from the highest level count C(B+E−1, E−1) over depths, are distinct, and their keys come back",
  (levels, exits) => {
    const paths = legalPaths(space(levels, exits));
    // Σ_e C(B+e−2, e−1) = C(B+E−1, E−1)
    expect(paths).toHaveLength(choose(levels.length + exits - 1, exits - 1));
    expect(new Set(paths.map(pathKey)).size).toBe(paths.length);
    for (const path of paths) {
      expect(parsePathKey(pathKey(path))).toEqual(path);
      expect(path[0]).toBe(Math.max(...levels));
      for (let j = 1; j < path.length; j++) expect(path[j]! <= path[j - 1]!).toBe(true);
    }
  },
);
