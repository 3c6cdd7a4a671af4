import { test as propertyTest } from "@fast-check/vitest";
import { bits, costOf, pathKey } from "@quee/core";
import { replay, summarize } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { foresee } from "./foresee.js";
import { queePolicy } from "./quee-policy.js";
import { blocksRun, costTable, eighths, meanBits, randomTable, space, steadfast } from "./routing.test.fixture.js";
import { resampledCandidates } from "./sampled-candidates.js";
import { sweepLambda } from "./sweep-lambda.js";

const options = fc.record(
  {
    costs: fc.constantFrom(meanBits, blocksRun),
    firstBits: fc.constantFrom(bits(8), bits(6), bits(5)),
    maxCost: fc.constantFrom(0.4, 0.6, 0.75),
    abstainAbove: fc.constantFrom(0, 0.125, 0.25, 0.5),
    among: fc
      .integer({ min: 1, max: 8 })
      .map((count) => resampledCandidates({ count, random: (gate) => randomStream(count, gate) })),
  },
  { requiredKeys: ["costs"] },
);

propertyTest.prop([options, fc.integer(), fc.integer({ min: 1, max: 30 })])(
  "every point of a sweep is what the policy at its λ does when it is replayed",
  (limits, seed, count) => {
    const table = randomTable("test", { count, seed });
    const sweep = sweepLambda(foresee(eighths, table, { space, batchSize: 7 }), limits);
    for (const [p, point] of sweep.points.entries()) {
      const policy = queePolicy({ predict: eighths, space, lambda: point.setting, ...limits });
      const replayed = replay(policy, table, { space });
      const { top1, cost, coverage } = summarize(replayed, table, limits.costs);
      expect(point.top1).toBeCloseTo(top1, 12);
      expect(point.cost).toBeCloseTo(cost, 12);
      expect(point.coverage).toBeCloseTo(coverage, 12);
      const route = sweep.routeAt(point.setting);
      expect(route).toEqual(replayed);
      expect(sweep.pointAt(point.setting)).toBe(point);
      // A point that changed nothing would be no point.
      if (p > 0) {
        const before = sweep.routeAt(sweep.points[p - 1].setting);
        expect([before.pathIndex, before.prediction]).not.toEqual([route.pathIndex, route.prediction]);
      }
    }
    expect(sweep.points[0].from).toBe(0);
    const limit = replay(queePolicy({ predict: eighths, space, lambda: Number.POSITIVE_INFINITY, ...limits }), table, {
      space,
    });
    expect(sweep.routeAt(Number.POSITIVE_INFINITY).pathIndex).toEqual(limit.pathIndex);
  },
);

propertyTest.prop([fc.integer(), fc.double({ min: 0, max: 20, noNaN: true })])(
  "between the points of a sweep lies no decision that it has missed",
  (seed, lambda) => {
    const table = randomTable("test", { count: 20, seed });
    const sweep = sweepLambda(foresee(eighths, table, { space }), { costs: meanBits });
    // At the λ where two losses meet, rounding decides.
    fc.pre(sweep.points.every(({ from }) => from === 0 || Math.abs(from - lambda) > 1e-9));
    const { pathIndex } = replay(queePolicy({ predict: eighths, space, lambda, costs: meanBits }), table, { space });
    expect(sweep.routeAt(lambda).pathIndex).toEqual(pathIndex);
  },
);

propertyTest.prop([fc.integer(), fc.constantFrom(meanBits, blocksRun)])(
  "with predictions that no gate changes, a larger λ never sends an image along a dearer path",
  (seed, costs) => {
    const table = randomTable("validation", { count: 10, seed });
    const { points, routeAt, paths } = sweepLambda(foresee(steadfast, table, { space }), { costs });
    const routes = points.map(({ setting }) => Array.from(routeAt(setting).pathIndex, (p) => costOf(costs, paths[p])));
    for (let p = 1; p < routes.length; p++) {
      for (const [image, cost] of routes[p].entries()) expect(cost).toBeLessThanOrEqual(routes[p - 1][image]);
      expect(points[p].cost).toBeLessThan(points[p - 1].cost);
    }
  },
);

propertyTest.prop([fc.integer(), fc.double({ min: 0.34, max: 1, noNaN: true })])(
  "no image pays more than maxCost, at any λ",
  (seed, maxCost) => {
    const table = randomTable("test", { count: 10, seed });
    const limits = { costs: meanBits, maxCost };
    const { points, routeAt, paths } = sweepLambda(foresee(eighths, table, { space }), limits);
    for (const { setting } of points) {
      for (const p of routeAt(setting).pathIndex) expect(costOf(meanBits, paths[p])).toBeLessThanOrEqual(maxCost);
    }
  },
);

test("other costs need no other predictions", () => {
  let asked = 0;
  const counting: typeof eighths = (view) => {
    asked++;
    return eighths(view);
  };
  const foresight = foresee(counting, randomTable("test", { count: 30, seed: 3 }), { space });
  const before = asked;
  const dear = costTable("upside down", (path) => 1 / path.reduce((sum, b) => sum + b, 0));
  const [one, other] = [meanBits, dear].map((costs) => sweepLambda(foresight, { costs }));
  expect(asked).toBe(before);
  expect(other.points).not.toEqual(one.points);
  expect(new Set(Array.from(other.routeAt(1e6).pathIndex, (p) => pathKey(other.paths[p])))).toEqual(new Set(["8-8-8"]));
});

test("two candidates meet where their difference in error buys their difference in cost", () => {
  const predict: typeof eighths = ({ prefix, count }) => {
    const candidates = prefix.length === 1 ? [[bits(8)], [bits(8), bits(6)]] : [[bits(8), bits(6)]];
    return {
      candidates,
      predictedError: Float32Array.from({ length: count * candidates.length }, (_, k) => (k % 2 ? 0.25 : 0.5)),
    };
  };
  const sampled = { ...space, only: [[bits(8)], [bits(8), bits(6)]], firstBlock: "highest" } as const;
  const foresight = foresee(predict, randomTable("test", { count: 4, seed: 1 }), { space: sampled });
  const sweep = sweepLambda(foresight, { costs: blocksRun });
  // 0.5 − 0.25 = λ·(2/3 − 1/3)
  expect(sweep.points.map(({ from }) => from)).toEqual([0, expect.closeTo(0.75, 12)]);
  expect(sweep.points.map(({ cost }) => cost)).toEqual([expect.closeTo(2 / 3, 12), expect.closeTo(1 / 3, 12)]);
});

test("a sweep over no samples, a λ below 0 and bounds that mean nothing are refused", () => {
  const foresight = foresee(eighths, randomTable("test", { count: 3, seed: 1 }), { space });
  const none = foresee(eighths, randomTable("test", { count: 0, seed: 1 }), { space });
  expect(() => sweepLambda(none, { costs: meanBits })).toThrow(/expected samples, got none/);
  expect(() => sweepLambda(foresight, { costs: meanBits }).pointAt(-1)).toThrow(/lambda: expected 0/);
  expect(() => sweepLambda(foresight, { costs: meanBits, maxCost: Number.NaN })).toThrow(/maxCost/);
  expect(() => sweepLambda(foresight, { costs: meanBits, abstainAbove: 1.5 })).toThrow(/abstainAbove: expected 0 … 1/);
  expect(() => sweepLambda(foresight, { costs: meanBits, maxCost: 0.3 })).toThrow(/at least the cost of path 8, 0\.33/);
  expect(() => sweepLambda(foresight, { costs: meanBits, firstBits: bits(7) })).toThrow(/one of 8, 6, 5, got 7/);
});

test("predictions for paths that the space lacks, or that change from batch to batch, are refused", () => {
  const table = randomTable("test", { count: 6, seed: 1 });
  const smaller = { ...space, levels: [bits(8), bits(5)] };
  expect(() => foresee(eighths, table, { space: smaller })).toThrow(/candidates that the path space allows, got 8-6/);
  let asked = 0;
  const fickle: typeof eighths = (view) => {
    const all = eighths(view).candidates;
    const candidates = asked++ === 0 ? all : all.slice(0, -1);
    return { candidates, predictedError: new Float32Array(view.count * candidates.length) };
  };
  expect(() => foresee(fickle, table, { space, batchSize: 3 })).toThrow(/the candidates of the first batch/);
});
