import { bits } from "@quee/core";
import { expect, test } from "vitest";
import { chooseByAccuracy } from "./level-rule.js";

const at = (table: Readonly<Record<number, number>>) => async (level: number) => table[level] ?? 0;

test("the highest level is the least that keeps the accuracy within half a point; lower ones lose at most ten points", async () => {
  const accuracies = { 8: 0.9, 7: 0.899, 6: 0.8951, 5: 0.88, 4: 0.81, 3: 0.75, 2: 0.1 };
  const { levels, isKept, seen } = await chooseByAccuracy(0.9, at(accuracies));
  expect(levels).toEqual([6, 5, 4]);
  expect(isKept).toBe(true);
  expect(seen.map(({ bits: level, stemBits }) => [level, stemBits])).toEqual([
    [8, 8],
    [7, 7],
    [6, 6],
    [5, 5],
    [5, 6],
    [4, 6],
    [3, 6],
  ]);
});

test("a bit-width behind one that loses too much is not looked at", async () => {
  const { levels } = await chooseByAccuracy(0.9, at({ 8: 0.9, 7: 0.7, 6: 0.9, 5: 0.9 }));
  expect(levels).toEqual([8]);
});

test("where eight bits lose more than half a point they are the highest level all the same, and it is said", async () => {
  const { levels, isKept } = await chooseByAccuracy(0.9, at({ 8: 0.89, 7: 0.85, 6: 0.7 }));
  expect(levels).toEqual([8, 7]);
  expect(isKept).toBe(false);
});

test("a network that two bits do not harm has one level", async () => {
  expect((await chooseByAccuracy(0.5, async () => 0.51)).levels).toEqual([bits(2)]);
});
