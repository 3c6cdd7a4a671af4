import { test as propertyTest } from "@fast-check/vitest";
import { bits, costOf } from "@quee/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstBitsByErrorRate, firstBitsByRouting } from "./choose-first-bits.js";
import { foresee } from "./foresee.js";
import { eighths, meanBits, randomTable, space } from "./routing.test.fixture.js";
import { sweepLambda } from "./sweep-lambda.js";

const lambdas = fc.constantFrom(0, 0.1, 0.5, 2, Number.POSITIVE_INFINITY);

propertyTest.prop([fc.integer(), lambdas])(
  "by error rates, the first bits are those of the path of least loss",
  (seed, lambda) => {
    const foresight = foresee(eighths, randomTable("validation", { count: 16, seed }), { space });
    const chosen = firstBitsByErrorRate(foresight, { costs: meanBits, lambda });
    const losses = foresight.paths.map((path, p) => {
      const errors = foresight.correct[p].filter((hit) => hit === 0).length / 16;
      const cost = costOf(meanBits, path);
      return { first: path[0], cost, loss: lambda === Number.POSITIVE_INFINITY ? cost : lambda * cost + errors };
    });
    const [best] = losses.sort((a, b) => a.loss - b.loss || a.cost - b.cost);
    expect(chosen).toBe(best.first);
  },
);

propertyTest.prop([fc.integer(), lambdas])(
  "by routing, the first bits are those whose router has the least loss",
  (seed, lambda) => {
    const foresight = foresee(eighths, randomTable("validation", { count: 16, seed }), { space });
    const sweeps = new Map(
      space.levels.map((firstBits) => [firstBits, sweepLambda(foresight, { costs: meanBits, firstBits })]),
    );
    const chosen = firstBitsByRouting(sweeps, lambda);
    const lossOf = (level: number) => {
      const point = sweeps.get(bits(level))?.pointAt(lambda) ?? { cost: Number.NaN, top1: 0 };
      return lambda === Number.POSITIVE_INFINITY ? point.cost : lambda * point.cost + 1 - point.top1;
    };
    for (const level of space.levels) expect(lossOf(chosen)).toBeLessThanOrEqual(lossOf(level) + 1e-6);
  },
);

test("no sweeps, no choice", () => {
  expect(() => firstBitsByRouting(new Map(), 1)).toThrow(/sweeps: expected levels, got none/);
});
