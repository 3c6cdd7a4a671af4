import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect } from "vitest";
import { expectedCalibrationError } from "./calibration-error.js";
import { reliabilityBins } from "./reliability-bins.js";

test("bins of equal mass hold as many samples each, from the least probability", () => {
  const bins = reliabilityBins({ probability: [0.8, 0.1, 0.6, 0.3], outcome: [1, 0, 1, 1], bins: 2 });
  expect(bins).toEqual([
    { count: 2, predicted: 0.2, observed: 0.5 },
    { count: 2, predicted: 0.7, observed: 1 },
  ]);
});

test("of bins of equal width, the empty ones are left out", () => {
  const bins = reliabilityBins({ probability: [0, 1, 0.95], outcome: [0, 1, 0], bins: 10, binning: "equal-width" });
  expect(bins).toEqual([
    { count: 1, predicted: 0, observed: 0 },
    { count: 2, predicted: 0.975, observed: 0.5 },
  ]);
});

test.prop([fc.array(fc.tuple(fc.constantFrom(0.1, 0.4, 0.9), fc.constantFrom(0, 1)), { minLength: 1 }), fc.nat()])(
  "samples of one probability may stand in any order",
  (samples, seed) => {
    const turned = [...samples.slice(seed % samples.length), ...samples.slice(0, seed % samples.length)];
    const binsOf = (list: typeof samples) =>
      reliabilityBins({ probability: list.map(([p]) => p), outcome: list.map(([, o]) => o), bins: 4 });
    expect(binsOf(turned)).toEqual(binsOf(samples));
    expect(binsOf(samples).reduce((sum, { count }) => sum + count, 0)).toBe(samples.length);
  },
);

test("the calibration error is the mean gap of the bins, weighed by their samples", () => {
  const [confidence, correct] = [
    [0.9, 0.8, 0.3, 0.2],
    [1, 0, 1, 0],
  ];
  // (|0.25 − 0.5| · 2 + |0.85 − 0.5| · 2) / 4
  expect(expectedCalibrationError({ confidence, correct, bins: 2 })).toBeCloseTo(0.3, 12);
});
