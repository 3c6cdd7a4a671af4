import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  areaUnderCurve,
  commonCostRange,
  costAtAccuracy,
  interpolateOnEnvelope,
  upperEnvelope,
} from "./accuracy-cost-curves.js";

const fraction = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20);
const clouds = fc.array(fc.record({ cost: fraction, top1: fraction }), { minLength: 1, maxLength: 40 });

describe("upper envelope", () => {
  test.prop([clouds])("holds exactly the values that no point beats", (points) => {
    const kept = upperEnvelope(points);
    const isBeaten = (p: { cost: number; top1: number }) =>
      points.some((q) => q.cost <= p.cost && q.top1 >= p.top1 && (q.cost < p.cost || q.top1 > p.top1));
    const values = (some: readonly { cost: number; top1: number }[]) =>
      [...new Set(some.map(({ cost, top1 }) => `${cost} ${top1}`))].sort();
    expect(values(kept)).toEqual(values(points.filter((p) => !isBeaten(p))));
    expect(kept.length).toBe(values(kept).length);
  });

  test.prop([clouds])("rises in cost and accuracy", (points) => {
    const kept = upperEnvelope(points);
    for (let i = 1; i < kept.length; i++) {
      expect(kept[i].cost).toBeGreaterThan(kept[i - 1].cost);
      expect(kept[i].top1).toBeGreaterThan(kept[i - 1].top1);
    }
  });

  test("keeps what else a point carries, and the order of its input does not change", () => {
    const points = [
      { cost: 0.9, top1: 0.8, setting: "slow" },
      { cost: 0.2, top1: 0.6, setting: "fast" },
    ];
    expect(upperEnvelope(points).map(({ setting }) => setting)).toEqual(["fast", "slow"]);
    expect(points[0].setting).toBe("slow");
  });
});

describe("reading an envelope", () => {
  const envelope = [
    { cost: 0.2, top1: 0.5 },
    { cost: 0.4, top1: 0.7 },
    { cost: 1, top1: 0.8 },
  ];

  test("interpolates between neighbours and never invents a cheaper point", () => {
    expect(interpolateOnEnvelope(envelope, 0.3)).toBeCloseTo(0.6, 12);
    expect(interpolateOnEnvelope(envelope, 0.4)).toBe(0.7);
    expect(interpolateOnEnvelope(envelope, 0.2)).toBe(0.5);
    expect(interpolateOnEnvelope(envelope, 0.1)).toBeNull();
    expect(interpolateOnEnvelope(envelope, 3)).toBe(0.8);
    expect(interpolateOnEnvelope([], 0.5)).toBeNull();
  });

  test.prop([clouds, fraction])("the cost of an accuracy undoes the accuracy of a cost", (points, cost) => {
    const front = upperEnvelope(points);
    const top1 = interpolateOnEnvelope(front, cost);
    if (top1 === null || cost > front[front.length - 1].cost) return;
    expect(costAtAccuracy(front, top1)).toBeCloseTo(cost, 9);
  });

  test("an accuracy that is never reached has no cost", () => {
    expect(costAtAccuracy(envelope, 0.81)).toBeNull();
    expect(costAtAccuracy(envelope, 0.3)).toBe(0.2);
    expect(costAtAccuracy(envelope, 0.75)).toBeCloseTo(0.7, 12);
  });

  test("the area is that of the trapezoids, with a flat end", () => {
    expect(areaUnderCurve(envelope, { from: 0.2, to: 1 })).toBeCloseTo(0.12 + 0.45, 12);
    expect(areaUnderCurve(envelope, { from: 0.3, to: 0.4 })).toBeCloseTo(0.065, 12);
    expect(areaUnderCurve(envelope, { from: 1, to: 2 })).toBeCloseTo(0.8, 12);
    expect(areaUnderCurve(envelope, { from: 0, to: 1 })).toBeNull();
  });

  test("envelopes are compared where all of them have points", () => {
    const other = [
      { cost: 0.3, top1: 0.5 },
      { cost: 0.6, top1: 0.9 },
    ];
    expect(commonCostRange([envelope, other])).toEqual({ from: 0.3, to: 0.6 });
    expect(commonCostRange([envelope, [{ cost: 2, top1: 0.9 }]])).toBeNull();
    expect(commonCostRange([])).toBeNull();
    expect(commonCostRange([envelope, []])).toBeNull();
  });
});
