import { fc, test } from "@fast-check/vitest";
import { randomStream } from "@quee/tensor";
import { expect } from "vitest";
import { expectedCalibrationError } from "./calibration-error.js";

test("equal-mass bins of two samples, by hand", () => {
  const confidence = [0.1, 0.2, 0.6, 0.9];
  const correct = [0, 1, 1, 1];
  // bins {0.1, 0.2} and {0.6, 0.9}: |0.15 − 0.5|·½ + |0.75 − 1|·½
  expect(expectedCalibrationError({ confidence, correct, bins: 2 })).toBeCloseTo(0.3, 12);
});

test("equal-width bins follow the edges, not the counts", () => {
  const confidence = [0.1, 0.2, 0.3, 1];
  const correct = [0, 1, 0, 1];
  // bins [0, ½) and [½, 1]: |0.2 − 1/3|·¾ + 0
  expect(expectedCalibrationError({ confidence, correct, bins: 2, binning: "equal-width" })).toBeCloseTo(0.1, 12);
});

test("nothing has no calibration error, one sample has its own", () => {
  expect(expectedCalibrationError({ confidence: [], correct: [] })).toBeNull();
  expect(expectedCalibrationError({ confidence: [0.7], correct: [1] })).toBeCloseTo(0.3, 12);
});

test("says the frequencies, says no error", () => {
  const correct = [1, 1, 1, 0, 1, 0, 0, 0];
  const confidence = [0.75, 0.75, 0.75, 0.75, 0.25, 0.25, 0.25, 0.25];
  expect(expectedCalibrationError({ confidence, correct })).toBeCloseTo(0, 12);
});

const samples = fc.array(fc.tuple(fc.integer({ min: 0, max: 10 }), fc.constantFrom(0, 1)), {
  minLength: 1,
  maxLength: 80,
});
const binning = fc.constantFrom("equal-mass" as const, "equal-width" as const);

test.prop([samples, binning, fc.integer()])("the order of samples does not matter", (pairs, binning, seed) => {
  const error = (order: ArrayLike<number>) =>
    expectedCalibrationError({
      confidence: Array.from(order, (i) => pairs[i][0] / 10),
      correct: Array.from(order, (i) => pairs[i][1]),
      binning,
    });
  const shuffled = randomStream(seed, "test").permutation(pairs.length);
  expect(error(shuffled)).toBeCloseTo(error(pairs.map((_, i) => i)) as number, 12);
});

test.prop([samples, binning])("lies between the overall bias and one", (pairs, binning) => {
  const confidence = pairs.map(([tenths]) => tenths / 10);
  const correct = pairs.map(([, c]) => c);
  const error = expectedCalibrationError({ confidence, correct, binning }) as number;
  const bias = pairs.reduce((sum, [tenths, c]) => sum + tenths / 10 - c, 0) / pairs.length;
  expect(error).toBeGreaterThanOrEqual(Math.abs(bias) - 1e-12);
  expect(error).toBeLessThanOrEqual(1 + 1e-12);
});
