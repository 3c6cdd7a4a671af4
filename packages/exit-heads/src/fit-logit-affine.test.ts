import { test as propertyTest } from "@fast-check/vitest";
import { randomStream, softmaxRows, type Tensor, tensor } from "@quee/tensor";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { affineLoss, fitLogitAffine } from "./fit-logit-affine.js";
import { correctAnswers } from "./logit-affine.js";

/** Labels are drawn from the softmax of the logits; `seen` makes of a logit what the head says. */
function samples(count: number, seen: (logit: number, k: number) => number, classCount = 3, seed = 3) {
  const random = randomStream(seed, "logits");
  const truth = tensor(
    [count, classCount],
    Float32Array.from({ length: count * classCount }, () => 1.5 * random.normal()),
  );
  const { data } = softmaxRows(truth);
  const labels = Int32Array.from({ length: count }, (_, i) => {
    let lot = random.uniform();
    for (let k = 0; k < classCount - 1; k++) {
      lot -= data[i * classCount + k];
      if (lot < 0) return k;
    }
    return classCount - 1;
  });
  const logits: Tensor = { ...truth, data: truth.data.map((logit, at) => seen(logit, at % classCount)) };
  return { logits, labels };
}

function crossEntropy({ data, shape: [count, classCount] }: Tensor, labels: Int32Array): number {
  return -labels.reduce((sum, label, i) => sum + Math.log(data[i * classCount + label]), 0) / count;
}

test("logits that are twice too large and lean to a class are set right", () => {
  const { logits, labels } = samples(4000, (logit, k) => 2 * logit + (k === 1 ? 1 : 0));
  const { scale, bias } = fitLogitAffine(logits, labels);
  expect(Math.abs(scale - 0.5)).toBeLessThan(0.06);
  // Only differences of biases mean something: half of the 1 that the head adds has to go.
  expect(Math.abs(bias[1] - (bias[0] + bias[2]) / 2 + 0.5)).toBeLessThan(0.1);
});

test("the gradient agrees with finite differences, also where logits are large", () => {
  const { logits, labels } = samples(50, (logit, k) => 9 * logit - 4 * k, 4);
  const at = Float64Array.of(1.3, 0.4, -0.2, 0.1, 2);
  const { gradient } = affineLoss(logits, labels, at);
  const differences = at.map((_, k) => {
    const beside = (step: number) => affineLoss(logits, labels, at.with(k, at[k] + step)).loss;
    return (beside(1e-5) - beside(-1e-5)) / 2e-5;
  });
  expectAllclose(gradient, differences, { rtol: 1e-5, atol: 1e-7 });
});

propertyTest.prop([
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 1, max: 5 }),
  fc.double({ min: -3, max: 3, noNaN: true }),
  fc.integer({ min: 0, max: 1000 }),
])("on the samples of the fit the cross-entropy never rises, however odd they are", (count, classCount, lean, seed) => {
  const { logits, labels } = samples(count, (logit, k) => lean * logit + lean * k, classCount, seed);
  const before = softmaxRows(logits);
  const after = { ...before, data: correctAnswers(before.data, fitLogitAffine(logits, labels)) };
  expect(crossEntropy(after, labels)).toBeLessThanOrEqual(crossEntropy(before, labels) + 1e-6);
});

describe("nothing changes", () => {
  const unchanged = (classCount: number) => ({ scale: 1, bias: new Float32Array(classCount) });

  test("where heads say nothing and classes are equally many", () => {
    const labels = Int32Array.from({ length: 30 }, (_, i) => i % 3);
    const { scale, bias } = fitLogitAffine(tensor([30, 3], new Float32Array(90)), labels);
    expect(scale).toBe(1);
    expectAllclose(bias, unchanged(3).bias, { rtol: 0, atol: 1e-6 });
  });

  test("without samples, and with one class", () => {
    expect(fitLogitAffine(tensor([0, 3], new Float32Array(0)), new Int32Array(0))).toEqual(unchanged(3));
    expect(fitLogitAffine(tensor([2, 1], Float32Array.of(5, -5)), new Int32Array(2))).toEqual(unchanged(1));
  });

  test("much, where logits are right already", () => {
    const { logits, labels } = samples(8000, (logit) => logit);
    const { scale, bias } = fitLogitAffine(logits, labels);
    expect(Math.abs(scale - 1)).toBeLessThan(0.05);
    expectAllclose(bias, unchanged(3).bias, { rtol: 0, atol: 0.06 });
  });
});

test("a class of which no sample is there loses, but stays possible", () => {
  const { logits, labels } = samples(600, (logit) => logit);
  const { bias } = fitLogitAffine(
    logits,
    Int32Array.from(labels, (label) => label % 2),
  );
  expect(bias[2]).toBeLessThan(bias[0] - 1);
  expect(bias[2]).toBeGreaterThan(-10);
});

test("one sample moves a head, and to finite numbers", () => {
  const { scale, bias } = fitLogitAffine(tensor([1, 3], Float32Array.of(40, 0, -40)), Int32Array.of(2));
  expect([scale, ...bias].every(Number.isFinite)).toBe(true);
  expect(scale).toBeLessThan(1);
});

test("what is no sample is refused", () => {
  const fit = (values: readonly number[], labels: readonly number[]) => () =>
    fitLogitAffine(tensor([labels.length, 2], Float32Array.from(values)), Int32Array.from(labels));
  expect(fit([1, 2], [2])).toThrow(/labels from 0 to 1, got 2/);
  expect(fit([1, Number.NaN], [0])).toThrow(/finite logits, got NaN/);
  expect(() => fitLogitAffine(tensor([1, 2], new Float32Array(2)), new Int32Array(2))).toThrow(/\[1, 2\] and \[2\]/);
});
