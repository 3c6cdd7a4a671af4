import { test as propertyTest } from "@fast-check/vitest";
import { bits } from "@quee/core";
import { randomStream } from "@quee/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bettingPValue } from "./betting-p-value.js";
import { certifyLambda } from "./certify-lambda.js";
import { lambdaGrid } from "./lambda-grid.js";
import type { LambdaSweep } from "./sweep-lambda.js";
import { inHalves, violationRate } from "./violation-rate.js";

const lambdas = [0, 1, 2, 3, 4, 5];
/** At λ an image is lost with a chance of λ/100, and won with one of 1/100; the reference is right nine times in ten. */
function population(count: number, seed: number) {
  const random = randomStream(seed, "population");
  const reference = Uint8Array.from({ length: count }, () => (random.uniform() < 0.9 ? 1 : 0));
  const luck = Float64Array.from({ length: count }, () => random.uniform());
  const correctAt = (lambda: number) =>
    reference.map((right, i) => (right === 1 ? (luck[i] < lambda / 90 ? 0 : 1) : luck[i] < 0.1 ? 1 : 0));
  const sweep: LambdaSweep<"validation"> = {
    ...{ role: "validation", count, paths: [], points: [] },
    pointAt: (lambda) => ({
      setting: lambda,
      from: lambda,
      top1: 0,
      firstBits: bits(8),
      coverage: 1,
      cost: 1 - lambda / 10,
    }),
    routeAt: (lambda) => ({
      ...{ exit: "replayed", policy: "drawn", exitCount: 1 },
      ...{ pathIndex: new Int32Array(count), prediction: new Int32Array(count) },
      correct: correctAt(lambda),
    }),
  };
  return { sweep, reference, lambdas };
}
const terms = { tolerance: 0.02, alpha: 0.1 };

propertyTest.prop([fc.integer(), fc.integer({ min: 100, max: 3000 })])(
  "tests go up until the first that fails, and the largest that passed is certified",
  (seed, count) => {
    const { sweep, reference } = population(count, seed);
    const { lambda, steps } = certifyLambda({ sweep, reference, lambdas, ...terms });
    expect(steps.map((step) => step.lambda)).toEqual(lambdas.slice(0, steps.length));
    for (const [s, step] of steps.entries()) {
      const { correct } = sweep.routeAt(step.lambda);
      const losses = Int8Array.from(correct, (hit, i) => 1 - hit - (1 - reference[i]));
      expect(step.gap).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / count, 12);
      expect(step.pValue).toBe(bettingPValue(losses, terms));
      expect(step.certified).toBe(step.pValue <= 0.1);
      if (s < steps.length - 1) expect(step.certified).toBe(true);
    }
    if (steps.length < lambdas.length) expect(steps.at(-1)?.certified).toBe(false);
    const passed = steps.filter(({ certified }) => certified);
    expect(lambda).toBe(passed.at(-1)?.lambda ?? null);
  },
);

test("over many drawings of images, a λ that loses too much is certified with a chance of at most α", () => {
  const certified = Array.from(
    { length: 400 },
    (_, seed) => certifyLambda({ ...population(2000, seed), ...terms }).lambda,
  );
  // At λ = 3 the gap is the tolerance: 3/100 lost, 1/100 won.
  expect(certified.filter((lambda) => lambda !== null && lambda >= 3).length / 400).toBeLessThanOrEqual(0.1);
  expect(certified.filter((lambda) => lambda === 1 || lambda === 2).length / 400).toBeGreaterThan(0.8);
});

test("where there are too few images to say anything no λ is certified", () => {
  expect(certifyLambda({ ...population(20, 1), ...terms })).toMatchObject({
    lambda: null,
    steps: [{ certified: false }],
  });
});

test("the grid of λ is the default sequence, and a sequence must rise", () => {
  const { sweep, reference } = population(1000, 4);
  const { steps } = certifyLambda({ sweep, reference, ...terms });
  expect(steps.map(({ lambda }) => lambda)).toEqual(lambdaGrid().slice(0, steps.length));
  expect(() => certifyLambda({ sweep, reference, ...terms, lambdas: [0, 2, 2] })).toThrow(
    /lambdas\[2\]: expected above 2/,
  );
  expect(() => certifyLambda({ sweep, reference: new Uint8Array(3), ...terms })).toThrow(/expected 1000 images, got 3/);
});

test("the rate of violations counts what certificates on one half lose on the other", () => {
  const all = population(3000, 9);
  const random = randomStream(1, "resplits");
  const rate = violationRate({ ...all, ...terms, resplits: 60, random });

  const again = randomStream(1, "resplits");
  let [certified, violations, onAll, cost] = [0, 0, 0, 0];
  for (let r = 0; r < 60; r++) {
    const [half, other] = inHalves(3000, again);
    const part = (images: Int32Array) => ({
      reference: Uint8Array.from(images, (i) => all.reference[i]),
      sweep: {
        ...{ ...all.sweep, count: images.length },
        routeAt: (lambda: number) => {
          const { correct, ...rest } = all.sweep.routeAt(lambda);
          return { ...rest, correct: Uint8Array.from(images, (i) => correct[i]) };
        },
      },
    });
    const { lambda } = certifyLambda({ ...part(half), lambdas, ...terms });
    if (lambda === null) continue;
    certified++;
    cost += 1 - lambda / 10;
    const lost = (images: Int32Array) => {
      const { correct } = all.sweep.routeAt(lambda);
      return images.reduce((sum, i) => sum + all.reference[i] - correct[i], 0) / images.length;
    };
    if (lost(other) > 0.02) violations++;
    if (lost(Int32Array.from({ length: 3000 }, (_, i) => i)) > 0.02) onAll++;
  }
  expect(certified).toBeGreaterThan(50);
  expect(rate).toEqual({
    resplits: 60,
    certified: certified / 60,
    violations: violations / 60,
    violationsOnAll: onAll / 60,
    meanCost: expect.closeTo(cost / certified, 12),
  });
});

test("halves are disjoint, hold everything, and come in random order", () => {
  const [one, other] = inHalves(101, randomStream(3, "halves"));
  expect([one.length, other.length]).toEqual([51, 50]);
  expect(new Set([...one, ...other]).size).toBe(101);
  expect(one).not.toEqual(one.toSorted());
});
