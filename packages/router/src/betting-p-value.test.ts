import { test as propertyTest } from "@fast-check/vitest";
import { randomStream } from "@quee/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bettingPValue } from "./betting-p-value.js";

/** The chance that n images give a p-value of at most α: all 3ⁿ outcomes are enumerated. */
function rejectionRate(n: number, worse: number, better: number, terms: { tolerance: number; alpha: number }): number {
  const losses = new Int8Array(n);
  let rate = 0;
  for (let outcome = 0; outcome < 3 ** n; outcome++) {
    let chance = 1;
    for (let i = 0, rest = outcome; i < n; i++, rest = Math.floor(rest / 3)) {
      losses[i] = (rest % 3) - 1;
      chance *= [better, 1 - worse - better, worse][rest % 3];
    }
    if (bettingPValue(losses, terms) <= terms.alpha) rate += chance;
  }
  return rate;
}

propertyTest.prop([
  fc.integer({ min: 1, max: 7 }),
  fc.double({ min: 0, max: 0.3, noNaN: true }),
  fc.double({ min: 0, max: 0.35, noNaN: true }),
  fc.constantFrom(0.1, 0.3, 0.6, 0.9),
])(
  "where the gap is the tolerance, a p-value is below α with a chance of at most α: exactly",
  (n, tolerance, better, alpha) => {
    expect(rejectionRate(n, better + tolerance, better, { tolerance, alpha })).toBeLessThanOrEqual(alpha + 1e-12);
  },
);

test("the exact check can see bets: some of these tests do reject", () => {
  const rate = rejectionRate(7, 0.3, 0.3, { tolerance: 0, alpha: 0.6 });
  expect(rate).toBeGreaterThan(0.2);
  expect(rate).toBeLessThan(0.6);
});

/** Share of `trials` sets of images that are certified. */
function certifiedShare(worse: number, better: number, { count, trials }: { count: number; trials: number }): number {
  const random = randomStream(11, "images");
  const losses = new Int8Array(count);
  let certified = 0;
  for (let t = 0; t < trials; t++) {
    for (let i = 0; i < count; i++) {
      const u = random.uniform();
      losses[i] = u < worse ? 1 : u < worse + better ? -1 : 0;
    }
    if (bettingPValue(losses, { tolerance: 0.01, alpha: 0.1 }) <= 0.1) certified++;
  }
  return certified / trials;
}

test("on 2,500 images, as many as a validation half has, false certificates stay below α and good routers get theirs", () => {
  const halves = { count: 2500, trials: 1000 };
  const atTheTolerance = certifiedShare(0.03, 0.02, halves);
  expect(atTheTolerance).toBeLessThanOrEqual(0.1);
  // Not so careful that it would say nothing.
  expect(atTheTolerance).toBeGreaterThan(0.03);
  expect(certifiedShare(0.04, 0.02, halves)).toBeLessThan(0.02);
  expect(certifiedShare(0.01, 0.01, halves)).toBeGreaterThan(0.85);
});

propertyTest.prop([fc.array(fc.constantFrom(-1, 0, 1), { minLength: 1, maxLength: 200 }), fc.nat()])(
  "the images may be named, and only those count",
  (list, chosen) => {
    const terms = { tolerance: 0.05, alpha: 0.1 };
    const images = list.map((_, i) => i).filter((i) => (i + chosen) % 3 !== 0);
    const padded = Int8Array.from(list, (loss, i) => (images.includes(i) ? loss : 1));
    const named = bettingPValue(padded, terms, images);
    expect(named).toBe(
      bettingPValue(
        Int8Array.from(images, (i) => list[i]),
        terms,
      ),
    );
    expect(named).toBeGreaterThan(0);
    expect(named).toBeLessThanOrEqual(1);
  },
);

test("no images prove nothing, a million unchanged ones overflow nothing, losses alone prove nothing", () => {
  const terms = { tolerance: 0.01, alpha: 0.1 };
  expect(bettingPValue(new Int8Array(0), terms)).toBe(1);
  expect(bettingPValue(new Int8Array(1e6), terms)).toBeLessThan(1e-299);
  expect(bettingPValue(new Int8Array(1e6), terms)).toBeGreaterThan(0);
  expect(bettingPValue(new Int8Array(1000).fill(1), terms)).toBe(1);
});

test.each([
  [-0.01, 0.1, /tolerance: expected 0 or more/],
  [1, 0.1, /tolerance/],
  [Number.NaN, 0.1, /tolerance/],
  [0.01, 0, /alpha: expected above 0/],
  [0.01, 1, /alpha/],
])("a tolerance of %d at a level of %d is refused", (tolerance, alpha, message) => {
  expect(() => bettingPValue(new Int8Array(1), { tolerance, alpha })).toThrow(message);
});
