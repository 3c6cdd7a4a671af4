import { expect, test } from "vitest";
import type { CollectionCost } from "./measure-collection.js";
import { imagenetImages, wholeCost } from "./whole-cost.js";

test("time is the processor's, shared by the threads; disk is bytes times images", () => {
  const cost: CollectionCost = {
    ...{ architecture: "vit-small-16", imageSize: 224, tokens: 197, arithmetic: "integer", paths: 35, images: 16 },
    // Half as fast as its processor time allows: something else was running.
    ...{
      threads: 2,
      imagesPerSecond: 0.5,
      cpuSecondsPerImage: 2,
      bytesPerImage: { float32: 140_000, float16: 70_000 },
    },
  };
  const { days, diskBytes } = wholeCost(cost, 864_000);
  expect(days).toBe(10);
  expect(diskBytes).toEqual({ float32: 864_000 * 140_000, float16: 864_000 * 70_000 });
  expect(imagenetImages).toBe(1_200_000);
});
