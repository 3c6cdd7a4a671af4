import { test as propertyTest } from "@fast-check/vitest";
import { softmaxRows, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type ConfidenceMeasure, confidences } from "./confidence.js";

const measures = Object.keys(confidences) as ConfidenceMeasure[];

const rows = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
  .chain(([n, k]) =>
    fc
      .array(fc.float({ min: -90, max: 90, noNaN: true }), { minLength: n * k, maxLength: n * k })
      .map((logits) => softmaxRows(tensor([n, k], Float32Array.from(logits)))),
  );

propertyTest.prop([rows, fc.constantFrom(...measures)])(
  "confidences lie from 0 to 1, one per row",
  (probabilities, measure) => {
    const values = confidences[measure](probabilities);
    expect(values.length).toBe(probabilities.shape[0]);
    for (const value of values) expect(value >= -1e-6 && value <= 1).toBe(true);
  },
);

test.each([
  ["maxProbability", 0.6],
  ["margin", 0.3],
  ["entropy", 1 - -(0.6 * Math.log(0.6) + 0.3 * Math.log(0.3) + 0.1 * Math.log(0.1)) / Math.log(3)],
  ["sharpenedEntropy", 1 - -(36 * Math.log(36 / 46) + 9 * Math.log(9 / 46) + 1 * Math.log(1 / 46)) / 46 / Math.log(3)],
] as const)("%s of (0.3, 0.6, 0.1) is what its definition says", (measure, expected) => {
  expectAllclose(confidences[measure](tensor([1, 3], Float32Array.of(0.3, 0.6, 0.1))), [expected], { rtol: 1e-6 });
});

test.each(measures)("%s is 1 for a certain row and least for a uniform one", (measure) => {
  const [certain, uniform] = confidences[measure](tensor([2, 4], Float32Array.of(0, 1, 0, 0, 0.25, 0.25, 0.25, 0.25)));
  expect(certain).toBe(1);
  expectAllclose([uniform], [measure === "maxProbability" ? 0.25 : 0], { atol: 1e-6 });
});

test.each(measures)("%s of a network with one class is 1, not NaN", (measure) => {
  expect([...confidences[measure](tensor([2, 1], Float32Array.of(1, 1)))]).toEqual([1, 1]);
});
