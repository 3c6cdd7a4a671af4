import { fc, test } from "@fast-check/vitest";
import { describe, expect, expectTypeOf } from "vitest";
import type { ImageSplit } from "./image-split.js";
import { overlappingImages } from "./overlap.js";
import { calibrationSubset, reserveValidation, subset } from "./subsets.js";
import { syntheticDigits } from "./synthetic/synthetic-digits.js";

const train = syntheticDigits({ seed: 1, count: 60, role: "train" });
const held = syntheticDigits({ seed: 1, count: 40, role: "test" });

describe("roles are types", () => {
  test("a test split cannot be passed where training images are asked for", () => {
    // @ts-expect-error a test split is no train split
    expect(calibrationSubset(held, 5, 0).count).toBe(5);
    expectTypeOf(held).not.toExtend<ImageSplit<"train">>();
    expectTypeOf(calibrationSubset(train, 5, 0)).toEqualTypeOf<ImageSplit<"calibration">>();
    expectTypeOf(subset(held, [0])).toEqualTypeOf<ImageSplit<"test">>();
  });

  test("a calibration split is no train split any more", () => {
    const calibration = calibrationSubset(train, 5, 0);
    expectTypeOf(calibration).not.toExtend<ImageSplit<"train">>();
    expect(calibration.role).toBe("calibration");
  });
});

describe("subsets", () => {
  test.prop([fc.array(fc.nat({ max: 59 }), { maxLength: 20 })])(
    "hold the images and labels that were named",
    (indices) => {
      const some = subset(train, indices);
      expect(some.count).toBe(indices.length);
      expect([...some.labels]).toEqual(indices.map((i) => train.labels[i]));
      for (const [place, i] of indices.entries()) expect(some.image(place)).toBe(train.image(i));
    },
  );

  test("an index outside is refused", () => {
    expect(() => subset(train, [3, 60])).toThrow("indices[1]: expected 0 to 59, got 60");
    expect(() => subset(train, [-1])).toThrow("got -1");
  });
});

describe("calibration images", () => {
  test.prop([fc.integer({ min: 1, max: 60 }), fc.integer()])("are different training images", async (count, seed) => {
    const calibration = calibrationSubset(train, count, seed);
    expect(await overlappingImages(calibration, train)).toBe(count);
    expect(new Set(Array.from({ length: count }, (_, i) => calibration.image(i))).size).toBe(count);
  });

  test("depend on the seed only", () => {
    const labels = (seed: number) => [...calibrationSubset(train, 30, seed).labels];
    expect(labels(1)).toEqual(labels(1));
    expect(labels(1)).not.toEqual(labels(2));
  });

  test("more than there are, or none, is refused", () => {
    expect(() => calibrationSubset(train, 61, 0)).toThrow(
      "expected 1 to 60, the images of synthetic-digits train, got 61",
    );
    expect(() => calibrationSubset(train, 0, 0)).toThrow("got 0");
  });
});

describe("overlap", () => {
  test("counts images by their pixels", async () => {
    expect(await overlappingImages(train, held)).toBe(0);
    expect(await overlappingImages(subset(train, [3, 4, 4]), subset(train, [4, 5]))).toBe(2);
    expect(await overlappingImages(subset(train, []), train)).toBe(0);
  });
});

describe("validation images kept back from training", () => {
  test.prop([fc.integer({ min: 1, max: 59 }), fc.integer({ min: 0 })])(
    "part the training images in two, in their order, by the seed",
    async (count, seed) => {
      const { train: rest, validation } = reserveValidation(train, count, seed);
      expect([rest.role, validation.role]).toEqual(["train", "validation"]);
      expect([rest.count, validation.count]).toEqual([60 - count, count]);
      expect(await overlappingImages(rest, validation)).toBe(0);
      expect(reserveValidation(train, count, seed).validation.labels).toEqual(validation.labels);
    },
  );

  test("all of them, or none, is refused", () => {
    expect(() => reserveValidation(train, 60, 0)).toThrow("expected 1 to 59");
    expect(() => reserveValidation(train, 0, 0)).toThrow("got 0");
  });
});
