import { createHash } from "node:crypto";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { overlappingImages } from "../overlap.js";
import { describeDigit, renderDigit, syntheticDigitsVersion } from "./render-digit.js";
import { syntheticDigits } from "./synthetic-digits.js";

test("these are the pixels of version 1: bundled weights were trained on them", () => {
  const hash = createHash("sha256");
  for (const stream of ["train", "validation", "test"]) {
    for (let i = 0; i < 20; i++) {
      const { image, label } = renderDigit(7, stream, i * 1001);
      hash.update(image).update(Uint8Array.of(label));
    }
  }
  expect([syntheticDigitsVersion, hash.digest("hex")]).toEqual([
    1,
    "650fad49dca57dcedb85fe1b14b4c037047ca5ef21237093ff30ad76957184b8",
  ]);
});

describe("a stream", () => {
  test.prop([fc.integer(), fc.nat()], { numRuns: 20 })(
    "gives one image for an index, whatever was painted before",
    (seed, index) => {
      const first = renderDigit(seed, "train", index);
      renderDigit(seed + 1, "test", index + 1);
      const again = renderDigit(seed, "train", index);
      expect(Buffer.compare(again.image, first.image)).toBe(0);
      expect([again.label, again.difficulty]).toEqual([first.label, first.difficulty]);
      expect(describeDigit(seed, "train", index)).toEqual({ label: first.label, difficulty: first.difficulty });
    },
  );

  test("has ten classes of about one size and difficulties of the whole range", () => {
    const count = 3000;
    const digits = syntheticDigits({ seed: 3, count, role: "train" });
    for (let label = 0; label < 10; label++) {
      const share = digits.labels.filter((one) => one === label).length / count;
      expect(share).toBeGreaterThan(0.08);
      expect(share).toBeLessThan(0.12);
    }
    const difficulties = Array.from({ length: 300 }, (_, i) => describeDigit(3, "train", i).difficulty).sort(
      (a, b) => a - b,
    );
    expect(difficulties[0]).toBeLessThan(0.02);
    expect(difficulties[299]).toBeGreaterThan(0.98);
  });

  test("can start anywhere, far beyond 32 bits too", () => {
    const from = 2 ** 40 + 5;
    const late = syntheticDigits({ seed: 3, count: 2, role: "train", from });
    expect(late.image(1)).toEqual(renderDigit(3, "train", from + 1).image);
    expect(late.image(1)).not.toEqual(renderDigit(3, "train", 6).image);
    expect(late.labels[1]).toBe(renderDigit(3, "train", from + 1).label);
  });

  test("shares no image with another role or seed", async () => {
    const of = (seed: number, role: "train" | "test") => syntheticDigits({ seed, count: 50, role });
    expect(await overlappingImages(of(1, "train"), of(1, "test"))).toBe(0);
    expect(await overlappingImages(of(1, "train"), of(2, "train"))).toBe(0);
  });
});

describe("difficulty", () => {
  /**
   * Mean difference of neighbouring pixels in a corner, where there is wall: noise, mostly.
   */
  function roughness(range: { easiest: number; hardest: number }): number {
    let sum = 0;
    for (let i = 0; i < 60; i++) {
      const { image } = renderDigit(5, "train", i, range);
      for (let at = 0; at < 3; at++) sum += Math.abs(image[at] - image[at + 1]);
    }
    return sum / 180;
  }

  test("is 0 for smooth walls and 1 for rough ones", () => {
    expect(roughness({ easiest: 0, hardest: 0 })).toBeLessThan(6);
    expect(roughness({ easiest: 1, hardest: 1 })).toBeGreaterThan(10);
  });

  test.prop([fc.double({ min: -1, max: 1, noNaN: true })])("stays in its range and leans as asked", (leaning) => {
    const drawn = Array.from(
      { length: 40 },
      (_, i) => describeDigit(9, "train", i, { easiest: 0.2, hardest: 0.6, leaning }).difficulty,
    );
    for (const difficulty of drawn) expect(difficulty >= 0.2 && difficulty <= 0.6).toBe(true);
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const even = Array.from(
      { length: 40 },
      (_, i) => describeDigit(9, "train", i, { easiest: 0.2, hardest: 0.6 }).difficulty,
    );
    if (leaning > 0.01) expect(mean(drawn)).toBeLessThan(mean(even));
    if (leaning < -0.01) expect(mean(drawn)).toBeGreaterThan(mean(even));
  });

  test("ranges that are none are refused", () => {
    const digits = (difficulty: object) => () => syntheticDigits({ seed: 1, count: 1, role: "train", difficulty });
    expect(digits({ easiest: 0.6, hardest: 0.5 })).toThrow("difficulty: expected 0 ≤ easiest ≤ hardest ≤ 1");
    expect(digits({ leaning: 2 })).toThrow('got {"leaning":2}');
    expect(digits({ hardness: 1 })).toThrow("difficulty");
    expect(() => syntheticDigits({ seed: 1, count: -1, role: "train" })).toThrow("count: expected a whole number");
    expect(() => syntheticDigits({ seed: 0.5, count: 1, role: "train" })).toThrow("seed: expected a whole number");
  });
});

test("a nearest class mean on raw pixels recognises some digits, and far from all", () => {
  const train = syntheticDigits({ seed: 1, count: 500, role: "train" });
  const held = syntheticDigits({ seed: 1, count: 200, role: "test" });
  const means = Array.from({ length: 10 }, () => new Float64Array(1024));
  for (let i = 0; i < train.count; i++) {
    const image = centredGreen(train.image(i));
    const mean = means[train.labels[i]];
    for (let at = 0; at < image.length; at++) mean[at] += image[at];
  }
  let correct = 0;
  for (let i = 0; i < held.count; i++) {
    const image = centredGreen(held.image(i));
    // Ink is brighter or darker than its wall: the sign of a match says nothing.
    const matches = means.map((mean) => Math.abs(dot(mean, image)));
    if (matches.indexOf(Math.max(...matches)) === held.labels[i]) correct++;
  }
  expect(correct / held.count).toBeGreaterThan(0.1);
  expect(correct / held.count).toBeLessThan(0.5);
});

function centredGreen(image: Uint8Array): Float64Array {
  const green = image.subarray(1024, 2048);
  const mean = green.reduce((a, b) => a + b, 0) / 1024;
  return Float64Array.from(green, (v) => v - mean);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at] * b[at];
  return sum;
}
