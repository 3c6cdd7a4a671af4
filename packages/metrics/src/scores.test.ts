import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { areaUnderRoc } from "./area-under-roc.js";
import { accuracy, mean, quantile } from "./means.js";
import { brierScore, logLoss, rootMeanSquaredError } from "./scores.js";

/** Few distinct values, so that ties are common. */
const probability = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8);
const samples = fc
  .array(fc.tuple(probability, fc.constantFrom(0, 1)), { minLength: 1, maxLength: 60 })
  .map((pairs) => ({
    probability: pairs.map(([p]) => p),
    outcome: pairs.map(([, o]) => o),
  }));

describe("of nothing", () => {
  test("every score is null, not NaN", () => {
    const none = { probability: [], outcome: [] };
    expect([accuracy([]), mean([]), quantile([], 0.95), brierScore(none), logLoss(none)]).toEqual(Array(5).fill(null));
    expect(rootMeanSquaredError({ predicted: [], actual: [] })).toBeNull();
    expect(areaUnderRoc({ score: [], outcome: [] })).toBeNull();
  });

  test("samples that do not pair up are refused by name", () => {
    expect(() => brierScore({ probability: [1, 0], outcome: [1] })).toThrow("outcome: expected 2 samples");
  });
});

describe("means", () => {
  test("quantiles interpolate like NumPy's default", () => {
    // numpy.quantile([4, 1, 3, 2], [0, 0.25, 0.5, 0.95, 1])
    expect([0, 0.25, 0.5, 0.95, 1].map((q) => quantile([4, 1, 3, 2], q))).toEqual([
      1, 1.75, 2.5, 3.8499999999999996, 4,
    ]);
    expect(quantile([7], 0.95)).toBe(7);
  });

  test("quantiles sort numbers, not words", () => {
    expect(quantile([10, 9, 2], 0.5)).toBe(9);
  });

  test("accuracy is the fraction of ones", () => {
    expect(accuracy(Uint8Array.of(1, 0, 1, 1))).toBe(0.75);
  });
});

describe("forecasts", () => {
  test("scores of a small example by hand", () => {
    const forecasts = { probability: [0.8, 0.3], outcome: [1, 0] };
    expect(brierScore(forecasts)).toBeCloseTo((0.04 + 0.09) / 2, 12);
    expect(logLoss(forecasts)).toBeCloseTo(-(Math.log(0.8) + Math.log(0.7)) / 2, 12);
    expect(rootMeanSquaredError({ predicted: [1, 2, 3], actual: [1, 4, 3] })).toBeCloseTo(Math.sqrt(4 / 3), 12);
  });

  test("a certain mistake costs a finite log loss", () => {
    expect(logLoss({ probability: [1], outcome: [0] })).toBeCloseTo(-Math.log(1e-7), 6);
  });

  test.prop([samples])("the base rate minimises the Brier score among constants", ({ outcome }) => {
    const rate = mean(outcome) as number;
    const score = (p: number) => brierScore({ probability: outcome.map(() => p), outcome }) as number;
    for (const other of [0, 0.3, 0.5, 1]) expect(score(rate)).toBeLessThanOrEqual(score(other) + 1e-12);
  });
});

describe("area under ROC", () => {
  /** Its definition: of all pairs of a 1 and a 0, how many are in order. */
  function byPairs(score: readonly number[], outcome: readonly number[]): number | null {
    let wins = 0;
    let pairs = 0;
    for (const [i, a] of score.entries()) {
      for (const [j, b] of score.entries()) {
        if (outcome[i] !== 1 || outcome[j] !== 0) continue;
        pairs++;
        wins += a > b ? 1 : a === b ? 0.5 : 0;
      }
    }
    return pairs === 0 ? null : wins / pairs;
  }

  test.prop([samples])("equals the count over all pairs, ties included", ({ probability: score, outcome }) => {
    const expected = byPairs(score, outcome);
    const actual = areaUnderRoc({ score, outcome });
    if (expected === null) expect(actual).toBeNull();
    else expect(actual).toBeCloseTo(expected, 12);
  });

  test("perfect order is 1, reversed order 0, one score for all a half", () => {
    expect(areaUnderRoc({ score: [0.1, 0.9], outcome: [0, 1] })).toBe(1);
    expect(areaUnderRoc({ score: [0.9, 0.1], outcome: [0, 1] })).toBe(0);
    expect(areaUnderRoc({ score: [0.4, 0.4, 0.4], outcome: [0, 1, 1] })).toBe(0.5);
  });
});
