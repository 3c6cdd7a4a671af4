import { test as propertyTest } from "@fast-check/vitest";
import {
  bits,
  type CostTable,
  costOf,
  type GateView,
  legalPaths,
  type Path,
  type PathSpace,
  pathKey,
  startsWith,
} from "@quee/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { explainDecision } from "./explain-decision.js";
import type { Predict } from "./predictions.js";
import { queePolicy } from "./quee-policy.js";

const space: PathSpace = {
  levels: [bits(5), bits(8), bits(6)],
  exitCount: 3,
  order: "monotone",
  firstBlock: "highest",
};
/** Blocks of equal size: the mean bits of what runs. */
const costs: CostTable = {
  name: "mean bits",
  unit: "BitOPs",
  unitCost: 24,
  byPath: new Map(legalPaths(space).map((path) => [pathKey(path), path.reduce((sum, b) => sum + b, 0) / 24])),
};
const candidatesOf = (prefix: Path) => legalPaths(space).filter((path) => startsWith(path, prefix));
/** History as it would be, all classes equally likely. */
const viewOf = (prefix: Path, count: number): GateView => ({
  prefix,
  count,
  classCount: 2,
  history: prefix.map(() => new Float32Array(2 * count).fill(0.5)),
});
const predictors = (errors: Float32Array): Predict => {
  return ({ prefix }) => ({ candidates: candidatesOf(prefix), predictedError: errors });
};
const never: Predict = () => {
  throw new Error("nobody may ask");
};

const gate = fc.constantFrom(...legalPaths(space).filter((path) => path.length < 3)).chain((prefix) =>
  fc.integer({ min: 1, max: 4 }).chain((count) =>
    fc.record({
      prefix: fc.constant(prefix),
      count: fc.constant(count),
      errors: fc
        .array(fc.integer({ min: 0, max: 6 }), {
          minLength: count * candidatesOf(prefix).length,
          maxLength: count * candidatesOf(prefix).length,
        })
        .map((values) => Float32Array.from(values, (value) => value / 6)),
    }),
  ),
);

propertyTest.prop([gate, fc.constantFrom(0, 0.1, 0.5, 3, Number.POSITIVE_INFINITY)])(
  "every image takes the first step towards its best path, and the explanation says why",
  ({ prefix, count, errors }, lambda) => {
    const options = { predict: predictors(errors), costs, lambda, space };
    const view = viewOf(prefix, count);
    const actions = queePolicy(options).decide(view);
    const candidates = candidatesOf(prefix);
    expect(actions.length).toBe(count);
    for (let i = 0; i < count; i++) {
      const scored = candidates.map((path, a) => {
        const cost = costOf(costs, path);
        const error = errors[i * candidates.length + a];
        const loss = lambda === Number.POSITIVE_INFINITY ? cost : lambda * cost + error;
        return { path, cost, error, loss };
      });
      const best = scored.toSorted(
        (a, b) => a.loss - b.loss || a.cost - b.cost || (lambda > 5 ? a.error - b.error : 0),
      )[0];
      const expected =
        best.path.length === prefix.length ? { kind: "exit" } : { kind: "continue", bits: best.path[prefix.length] };
      expect(actions[i]).toEqual(expected);

      const why = explainDecision(view, i, options);
      expect(why.action).toEqual(expected);
      if (why.rule !== "least-loss") throw new Error(why.rule);
      expect(why.candidates[why.chosen ?? -1]).toMatchObject({ path: best.path, behind: 0, refused: null });
      expect(why.candidates.length).toBe(candidates.length);
      const shown = why.candidates.map(({ cost }) => cost);
      expect(shown).toEqual(shown.toSorted((a, b) => a - b));
      for (const { behind } of why.candidates) expect(behind).toBeGreaterThanOrEqual(0);
    }
  },
);

propertyTest.prop([gate, fc.double({ min: 0.001, max: 10, noNaN: true })])(
  "a candidate that costs more and errs more than another is never chosen",
  ({ prefix, count, errors }, lambda) => {
    for (let i = 0; i < count; i++) {
      const why = explainDecision(viewOf(prefix, count), i, { predict: predictors(errors), costs, lambda, space });
      if (why.rule !== "least-loss") throw new Error(why.rule);
      const { cost, predictedError } = why.candidates[why.chosen ?? -1];
      for (const rival of why.candidates) {
        const dominates = rival.cost <= cost && rival.predictedError <= predictedError;
        expect(dominates && (rival.cost < cost || rival.predictedError < predictedError)).toBe(false);
      }
    }
  },
);

propertyTest.prop([
  gate,
  fc.constantFrom(0, 0.5, Number.POSITIVE_INFINITY),
  fc.integer({ min: 0, max: 6 }),
  fc.double({ min: 0.3, max: 1, noNaN: true }),
])(
  "an image is given up where the least error of what it can pay is above the bound, and else gets the best of that",
  ({ prefix, count, errors }, lambda, sixths, maxCost) => {
    const abstainAbove = sixths / 6 + 1e-6;
    fc.pre(abstainAbove <= 1);
    const options = {
      predict: predictors(errors),
      costs,
      lambda,
      space,
      abstainAbove,
      maxCost: Math.max(maxCost, 8 / 24),
    };
    const actions = queePolicy(options).decide(viewOf(prefix, count));
    const candidates = candidatesOf(prefix);
    for (let i = 0; i < count; i++) {
      const payable = candidates.flatMap((path, a) => {
        const cost = costOf(costs, path);
        return cost <= options.maxCost ? [{ path, cost, error: errors[i * candidates.length + a] }] : [];
      });
      const why = explainDecision(viewOf(prefix, count), i, options);
      expect(why.action).toEqual(actions[i]);
      if (payable.length === 0) {
        expect(why.rule).toBe("nothing-allowed");
        expect(actions[i]).toEqual({ kind: "exit" });
      } else if (payable.every(({ error }) => error > abstainAbove)) {
        expect(why.rule).toBe("abstain");
        expect(actions[i]).toEqual({ kind: "abstain" });
      } else {
        const unbounded = { ...options, maxCost: Number.POSITIVE_INFINITY, abstainAbove: 1 };
        const among = () => payable.map(({ path }) => path);
        expect(actions[i]).toEqual(queePolicy({ ...unbounded, among }).decide(viewOf(prefix, count))[i]);
      }
    }
  },
);

test("the first gate may send everything to other bits, where the space allows them", () => {
  const options = { predict: never, costs, lambda: 1, firstBits: bits(6) };
  const policy = queePolicy({ ...options, space: { ...space, firstBlock: "any" } });
  expect(policy.decide(viewOf([], 1))).toEqual([{ kind: "continue", bits: 6 }]);
  expect(() => queePolicy({ ...options, space })).toThrow(/firstBits: expected one of 8, got 6/);
});

test("the first gate sends everything to the most bits without asking the predictor", () => {
  const policy = queePolicy({ predict: never, costs, lambda: 1, space });
  const goOn = { kind: "continue", bits: 8 };
  expect(policy.decide(viewOf([], 2))).toEqual([goOn, goOn]);
});

test("behind the last block everything exits without asking the predictor", () => {
  const policy = queePolicy({ predict: never, costs, lambda: 1, space });
  expect(policy.decide(viewOf([bits(8), bits(8), bits(8)], 1))).toEqual([{ kind: "exit" }]);
});

test.each([-1, Number.NaN, Number.NEGATIVE_INFINITY])("λ = %d is refused", (lambda) => {
  expect(() => queePolicy({ predict: never, costs, lambda, space })).toThrow(/lambda: expected 0 … Infinity/);
});

test("a space without levels is refused", () => {
  expect(() => queePolicy({ predict: never, costs, lambda: 0, space: { ...space, levels: [] } })).toThrow(
    /space\.levels/,
  );
});

test.each<[string, Predict, RegExp]>([
  [
    "a candidate from elsewhere",
    () => ({ candidates: [[bits(6)]], predictedError: Float32Array.of(0) }),
    /begin with 8, got 6/,
  ],
  [
    "too few predictions",
    ({ prefix }) => ({ candidates: [prefix], predictedError: new Float32Array(0) }),
    /expected 1 predicted/,
  ],
  ["no candidates", () => ({ candidates: [], predictedError: new Float32Array(0) }), /expected candidates, got none/],
])("%s is refused", (_, predict, message) => {
  expect(() => queePolicy({ predict, costs, lambda: 0, space }).decide(viewOf([bits(8)], 1))).toThrow(message);
});
