import { test as propertyTest } from "@fast-check/vitest";
import { bits, costOf, legalPaths, type Path, pathKey } from "@quee/core";
import { replay } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { nextStepPolicy } from "./next-step-policy.js";
import { nextStepTargets } from "./next-step-targets.js";
import { queePolicy } from "./quee-policy.js";
import { meanBits, pathsFrom, randomTable, space } from "./routing.test.fixture.js";

const count = 12;
/** p̃e in eighths. */
const errorsFor = (seed: number) => {
  const byPath = new Map(
    legalPaths(space).map((path) => {
      const random = randomStream(seed, pathKey(path));
      return [pathKey(path), Float32Array.from({ length: count }, () => random.below(9) / 8)];
    }),
  );
  return (path: Path) => byPath.get(pathKey(path)) as Float32Array;
};
const lambdas = fc.constantFrom(0, 0.125, 0.5, 2);

propertyTest.prop([fc.constantFrom(...legalPaths(space)), fc.integer(), lambdas])(
  "the target of a step is the least loss of all that may follow it, within [λ·min c, 1 + λ·max c]",
  (prefix, seed, lambda) => {
    const targetsOf = errorsFor(seed);
    const { steps, loss } = nextStepTargets(prefix, { space, costs: meanBits, lambda, targetsOf });
    expect(steps[0]).toEqual(prefix);
    expect(new Set(steps.slice(1).map((step) => step[prefix.length]))).toEqual(
      new Set(pathsFrom(prefix).flatMap((path) => path.slice(prefix.length, prefix.length + 1))),
    );
    const costs = [...meanBits.byPath.values()];
    for (let i = 0; i < count; i++) {
      const lossOf = (path: Path) => lambda * costOf(meanBits, path) + targetsOf(path)[i];
      for (const [a, step] of steps.entries()) {
        const expected = a === 0 ? lossOf(prefix) : Math.min(...pathsFrom(step).map(lossOf));
        expect(loss[i * steps.length + a]).toBe(Math.fround(expected));
        expect(loss[i * steps.length + a]).toBeGreaterThanOrEqual(lambda * Math.min(...costs) - 1e-6);
        expect(loss[i * steps.length + a]).toBeLessThanOrEqual(1 + lambda * Math.max(...costs) + 1e-6);
      }
    }
  },
);

propertyTest.prop([fc.integer(), lambdas])(
  "gates that have learned their targets to the letter go the way of a router that knows p̃e",
  (seed, lambda) => {
    const table = randomTable("test", { count, seed });
    const targetsOf = errorsFor(seed);
    /** Which samples of the table a view shows. */
    const samplesOf = (row: Float32Array) =>
      Array.from({ length: row.length / 3 }, (_, i) => {
        const all = table.probabilities([bits(8)]);
        return Array.from({ length: count }, (_, s) => s).findIndex((s) => all[3 * s] === row[3 * i]);
      });
    const steps = nextStepPolicy({
      ...{ space, costs: meanBits, lambda },
      predict: ({ prefix, history }) => {
        const targets = nextStepTargets(prefix, { space, costs: meanBits, lambda, targetsOf });
        const width = targets.steps.length;
        const rows = samplesOf(history[0]).flatMap((s) => [...targets.loss.subarray(s * width, (s + 1) * width)]);
        return { steps: targets.steps, predictedLoss: Float32Array.from(rows) };
      },
    });
    const paths = queePolicy({
      ...{ space, costs: meanBits, lambda },
      predict: ({ prefix, history }) => {
        const candidates = pathsFrom(prefix);
        const rows = samplesOf(history[0]).flatMap((s) => candidates.map((path) => targetsOf(path)[s]));
        return { candidates, predictedError: Float32Array.from(rows) };
      },
    });
    const [one, other] = [steps, paths].map((policy) => replay(policy, table, { space }));
    for (let i = 0; i < count; i++) {
      // Equal losses may go different ways; none is better.
      const [loss, least] = [one, other].map(({ pathIndex }) => {
        const path = table.paths[pathIndex[i]];
        return lambda * costOf(meanBits, path) + targetsOf(path)[i];
      });
      expect(loss).toBeCloseTo(least, 6);
    }
    expect(one.policy).toBe(`next-best-step λ=${lambda}`);
  },
);

test("the first gate cannot leave, and an infinite λ cannot be learned", () => {
  const options = { space, costs: meanBits, targetsOf: errorsFor(1) };
  expect(nextStepTargets([], { ...options, lambda: 1 }).steps.map(pathKey)).toEqual(["8", "6", "5"]);
  expect(() => nextStepTargets([], { ...options, lambda: Number.POSITIVE_INFINITY })).toThrow(/a finite λ/);
});
