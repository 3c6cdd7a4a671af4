import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { operatingPointForAccuracy, operatingPointForBudget } from "./operating-point.js";

const tenths = fc.integer({ min: 0, max: 10 }).map((n) => n / 10);
const points = fc
  .array(fc.record({ top1: tenths, cost: tenths }), { maxLength: 20 })
  .map((list) => list.map((point, setting) => ({ setting, ...point })));

propertyTest.prop([points, tenths])("no affordable point is better, or as good and cheaper", (list, budget) => {
  const affordable = list.filter(({ cost }) => cost <= budget);
  const best = operatingPointForBudget(list, budget);
  if (best === null) {
    expect(affordable).toEqual([]);
    return;
  }
  expect(best.cost).toBeLessThanOrEqual(budget);
  for (const { top1, cost } of affordable) {
    expect(top1 < best.top1 || (top1 === best.top1 && cost >= best.cost)).toBe(true);
  }
});

propertyTest.prop([points, tenths])("no good enough point is cheaper, or as cheap and better", (list, floor) => {
  const good = list.filter(({ top1 }) => top1 >= floor);
  const best = operatingPointForAccuracy(list, floor);
  if (best === null) {
    expect(good).toEqual([]);
    return;
  }
  expect(best.top1).toBeGreaterThanOrEqual(floor);
  for (const { top1, cost } of good) {
    expect(cost > best.cost || (cost === best.cost && top1 <= best.top1)).toBe(true);
  }
});

test("equal points give the first", () => {
  const twice = [1, 2].map((setting) => ({ setting, top1: 0.5, cost: 0.5 }));
  expect(operatingPointForBudget(twice, 1)?.setting).toBe(1);
});

test("a point whose cost is not a number is never affordable", () => {
  expect(operatingPointForBudget([{ setting: 1, top1: 1, cost: Number.NaN }], 1)).toBeNull();
});
