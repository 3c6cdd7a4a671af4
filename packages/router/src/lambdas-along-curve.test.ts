import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { foresee } from "./foresee.js";
import { lambdasAlongCurve } from "./lambdas-along-curve.js";
import { blocksRun, eighths, meanBits, randomTable, space } from "./routing.test.fixture.js";
import { sweepLambda } from "./sweep-lambda.js";

propertyTest.prop([fc.integer(), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 2, max: 50 })])(
  "λ along a curve rise, are settings of it, hold both ends, and leave no larger gap in cost than they must",
  (seed, images, count) => {
    const table = randomTable("validation", { count: images, seed });
    const sweep = sweepLambda(foresee(eighths, table, { space }), { costs: meanBits });
    const lambdas = lambdasAlongCurve(sweep, count);
    const settings = sweep.points.map(({ setting }) => setting);
    expect(lambdas.length).toBeLessThanOrEqual(count);
    expect(lambdas).toEqual([...new Set(lambdas)].sort((a, b) => a - b));
    expect([lambdas[0], lambdas.at(-1)]).toEqual([settings[0], settings.at(-1)]);
    for (const lambda of lambdas) expect(settings).toContain(lambda);
    const [most, least] = [sweep.points[0].cost, sweep.points[sweep.points.length - 1].cost];
    const [jump] = sweep.points
      .map(({ cost }, p) => (p === 0 ? 0 : Math.abs(sweep.points[p - 1].cost - cost)))
      .sort((a, b) => b - a);
    const costs = lambdas.map((lambda) => sweep.pointAt(lambda).cost);
    for (let k = 1; k < costs.length; k++) {
      expect(costs[k - 1] - costs[k]).toBeLessThanOrEqual((most - least) / (count - 1) + jump + 1e-12);
    }
  },
);

test("a curve of one point gives one λ, and one λ is no curve", () => {
  const table = randomTable("validation", { count: 5, seed: 1 });
  const still = sweepLambda(foresee(eighths, table, { space }), { costs: blocksRun, maxCost: 1 / 3 });
  expect(lambdasAlongCurve(still, 9)).toEqual([0]);
  expect(() => lambdasAlongCurve(still, 1)).toThrow(/count of λ/);
});
