import { test as propertyTest } from "@fast-check/vitest";
import { replay, summarize } from "@quee/path-tables";
import fc from "fast-check";
import { expect, test } from "vitest";
import { foresee } from "./foresee.js";
import { queePolicy } from "./quee-policy.js";
import { eighths, meanBits, randomTable, space } from "./routing.test.fixture.js";
import { lambdaForAccuracy, lambdaForBudget } from "./solve-lambda.js";
import { type LambdaSweep, sweepLambda } from "./sweep-lambda.js";

const table = randomTable("validation", { count: 40, seed: 8 });
const sweep = sweepLambda(foresee(eighths, table, { space }), { costs: meanBits });
const wishes = fc.double({ min: 0, max: 1, noNaN: true });

propertyTest.prop([wishes])(
  "a budget gives the most accurate λ that keeps it when it is replayed, or the cheapest",
  (budget) => {
    const { reached, point } = lambdaForBudget(sweep, budget);
    const affordable = sweep.points.filter(({ cost }) => cost <= budget);
    expect(reached).toBe(affordable.length > 0);
    const policy = queePolicy({ predict: eighths, space, costs: meanBits, lambda: point.setting });
    const { top1, cost } = summarize(replay(policy, table, { space }), table, meanBits);
    if (reached) {
      expect(cost).toBeLessThanOrEqual(budget + 1e-12);
      expect(top1).toBeCloseTo(Math.max(...affordable.map((one) => one.top1)), 12);
    } else {
      expect(cost).toBeCloseTo(Math.min(...sweep.points.map((one) => one.cost)), 12);
    }
  },
);

propertyTest.prop([wishes])("an accuracy floor gives the cheapest λ that holds it, or the most accurate", (floor) => {
  const { reached, point } = lambdaForAccuracy(sweep, floor);
  const good = sweep.points.filter(({ top1 }) => top1 >= floor);
  expect(reached).toBe(good.length > 0);
  const best = Math.max(...sweep.points.map(({ top1 }) => top1));
  const enough = reached ? good : sweep.points.filter(({ top1 }) => top1 === best);
  expect(enough).toContain(point);
  expect(point.cost).toBe(Math.min(...enough.map(({ cost }) => cost)));
});

test("wishes that are not numbers are not reached", () => {
  expect(lambdaForBudget(sweep, Number.NaN).reached).toBe(false);
  expect(lambdaForAccuracy(sweep, Number.NaN).reached).toBe(false);
});

test("a sweep over test images chooses nothing", () => {
  const onTest: LambdaSweep<"test"> = { ...sweep, role: "test" };
  // @ts-expect-error the type of a split says what it may be used for
  expect(lambdaForBudget(onTest, 1).reached).toBe(true);
});
