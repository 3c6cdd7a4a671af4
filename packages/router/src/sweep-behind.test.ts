import { test as propertyTest } from "@fast-check/vitest";
import { bits, costOf } from "@quee/core";
import { replay, summarize } from "@quee/path-tables";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstBitsByRouting } from "./choose-first-bits.js";
import { type FirstGate, firstBitsAt } from "./first-gate.js";
import { firstGateByRouting } from "./first-gate-by-routing.js";
import { foresee } from "./foresee.js";
import { queePolicy } from "./quee-policy.js";
import { blocksRun, costTable, eighths, meanBits, randomTable, space } from "./routing.test.fixture.js";
import { lambdaForBudget } from "./solve-lambda.js";
import { sweepBehind, sweepsByFirstBits } from "./sweep-behind.js";
import { sweepLambda } from "./sweep-lambda.js";

const costs = meanBits;
const lambdas = fc.oneof(
  fc.double({ min: 0, max: 5, noNaN: true }),
  fc.constantFrom(0, 1e-3, 0.05, 1, 1e6, Number.POSITIVE_INFINITY),
);
const counts = fc.integer({ min: 1, max: 30 });

function learned(seed: number, count: number) {
  const table = randomTable("validation", { count, seed });
  const sweeps = sweepsByFirstBits(foresee(eighths, table, { space }), { costs });
  return { table, sweeps, firstGate: firstGateByRouting(sweeps) };
}

propertyTest.prop([fc.integer(), counts, lambdas])(
  "the first gate has for every λ the level that is chosen for this λ alone",
  (seed, count, lambda) => {
    const { sweeps, firstGate } = learned(seed, count);
    expect(firstGate[0]?.from).toBe(0);
    for (const [s, { from, bits: level }] of firstGate.entries()) {
      if (s > 0) expect(from).toBeGreaterThan(firstGate[s - 1]!.from);
      expect(level).not.toBe(firstGate[s - 1]?.bits);
    }
    const changes = [...firstGate, ...[...sweeps.values()].flatMap(({ points }) => points)];
    // At the λ where two losses meet, rounding decides.
    fc.pre(changes.every(({ from }) => from === 0 || Math.abs(from - lambda) > 1e-6 * from));
    expect(firstBitsAt(firstGate, lambda)).toBe(firstBitsByRouting(sweeps, lambda));
  },
);

propertyTest.prop([fc.integer(), counts, lambdas])(
  "on validation images a first gate that chooses is never worse at λ·cost + errors than a fixed one",
  (seed, count, lambda) => {
    const { sweeps, firstGate } = learned(seed, count);
    const loss = ({ cost, top1 }: { readonly cost: number; readonly top1: number }) =>
      lambda === Number.POSITIVE_INFINITY ? cost : lambda * cost + 1 - top1;
    const chosen = loss(sweepBehind(firstGate, sweeps).pointAt(lambda));
    for (const fixed of sweeps.values()) {
      expect(chosen).toBeLessThanOrEqual(loss(fixed.pointAt(lambda)) * (1 + 1e-6) + 1e-6);
    }
  },
);

propertyTest.prop([fc.integer(), counts, fc.constantFrom(bits(8), bits(6), bits(5))])(
  "behind a first gate that always takes the same bits, the curve is that of these bits",
  (seed, count, firstBits) => {
    const foresight = foresee(eighths, randomTable("test", { count, seed }), { space });
    const sweep = sweepBehind([{ from: 0, bits: firstBits }], sweepsByFirstBits(foresight, { costs }));
    const fixed = sweepLambda(foresight, { costs, firstBits });
    expect(sweep.points).toEqual(fixed.points);
    for (const { setting } of fixed.points) expect(sweep.routeAt(setting)).toEqual(fixed.routeAt(setting));
  },
);

propertyTest.prop([fc.integer(), counts])(
  "every point on other images is what the policy at its λ and first bits does when it is replayed",
  (seed, count) => {
    const { firstGate } = learned(seed, 20);
    const table = randomTable("test", { count, seed: seed + 1 });
    const sweep = sweepBehind(firstGate, sweepsByFirstBits(foresee(eighths, table, { space }), { costs }));
    for (const [p, { setting: lambda, from, firstBits, top1, cost }] of sweep.points.entries()) {
      if (p > 0) expect(from).toBeGreaterThan(sweep.points[p - 1]!.from);
      expect(firstBits).toBe(firstBitsAt(firstGate, lambda));
      const replayed = replay(queePolicy({ predict: eighths, space, costs, lambda, firstBits }), table, { space });
      expect(sweep.routeAt(lambda)).toEqual(replayed);
      expect(sweep.pointAt(lambda)).toBe(sweep.points[p]);
      expect(summarize(replayed, table, costs)).toMatchObject({
        top1: expect.closeTo(top1, 12),
        cost: expect.closeTo(cost, 12),
      });
    }
  },
);

test("a first gate that chooses meets budgets that the most bits alone exceed", () => {
  const { sweeps, firstGate } = learned(5, 40);
  const budget = 0.3;
  expect(lambdaForBudget(sweeps.get(bits(8))!, budget).reached).toBe(false);
  const { reached, point } = lambdaForBudget(sweepBehind(firstGate, sweeps), budget);
  expect(reached).toBe(true);
  expect(point.cost).toBeLessThanOrEqual(budget);
  expect(point.firstBits).toBeLessThan(8);
});

propertyTest.prop([fc.integer(), counts, fc.constantFrom(0.5, 0.6, 1)])(
  "what a path counts and what λ weighs may differ: routes follow the one, points and limits the other",
  (seed, count, maxCost) => {
    const table = randomTable("validation", { count, seed });
    const counted = costTable("stem and bits", (path) => 0.2 + 0.8 * costOf(meanBits, path));
    const options = { costs: blocksRun, counted, maxCost };
    const sweep = sweepLambda(foresee(eighths, table, { space }), options);
    const unlimited = sweepLambda(foresee(eighths, table, { space }), { costs: blocksRun });
    for (const { setting: lambda, cost } of sweep.points) {
      const replayed = replay(queePolicy({ predict: eighths, space, lambda, ...options }), table, { space });
      expect(sweep.routeAt(lambda)).toEqual(replayed);
      expect(cost).toBeCloseTo(summarize(replayed, table, counted).cost, 12);
      for (const p of replayed.pathIndex) expect(costOf(counted, table.paths[p]!)).toBeLessThanOrEqual(maxCost);
      if (maxCost === 1) expect(replayed.pathIndex).toEqual(unlimited.routeAt(lambda).pathIndex);
    }
  },
);

test("a first gate that begins above λ = 0 or takes unknown bits is refused", () => {
  const { sweeps } = learned(1, 5);
  const late: FirstGate = [{ from: 1, bits: bits(8) }];
  expect(() => firstBitsAt(late, 2)).toThrow(/a step from λ = 0 on, got one from λ = 1 on/);
  expect(() => firstBitsAt([], 2)).toThrow(/got no steps/);
  expect(() => firstBitsAt([{ from: 0, bits: bits(8) }], -1)).toThrow(/lambda: expected 0/);
  expect(() => sweepBehind([{ from: 0, bits: bits(7) }], sweeps)).toThrow(/one of 8, 6, 5, got 7/);
});
