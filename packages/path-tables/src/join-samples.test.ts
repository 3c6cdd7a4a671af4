import { test } from "@fast-check/vitest";
import { bits, type PathSpace } from "@quee/core";
import { randomStream } from "@quee/tensor";
import fc from "fast-check";
import { expect } from "vitest";
import { joinSamples } from "./join-samples.js";
import { takeSamples } from "./take-samples.js";
import { randomTable } from "./testing/random-table.js";

const space: PathSpace = { levels: [bits(8), bits(6)], exitCount: 2, order: "monotone", firstBlock: "highest" };
const plain = randomTable("train", { space, count: 11, classCount: 3, seed: 1 });
const table = {
  ...plain,
  exitFeatures: (path: readonly number[]) => Float32Array.from({ length: 22 }, (_, i) => i + 100 * path.length),
};

test.prop([fc.integer({ min: 1, max: 11 }), fc.integer()])(
  "samples taken apart in any order come together as they were",
  (parts, seed) => {
    const order = randomStream(seed, "order").permutation(table.count);
    const dealt = Array.from({ length: parts }, (_, p) => order.filter((_, i) => i % parts === p));
    const joined = joinSamples(dealt.map((samples) => ({ table: takeSamples(table, samples), samples })));
    expect(joined.labels).toEqual(table.labels);
    expect(joined.role).toBe("train");
    for (const path of table.paths) {
      expect(joined.probabilities(path)).toEqual(table.probabilities(path));
      expect(joined.exitFeatures?.(path)).toEqual(table.exitFeatures(path));
    }
  },
);

test.each([
  ["a sample twice", [0, 1, 2], [2, 3], "2"],
  ["a sample beyond the last", [0, 1, 2], [3, 7], "7"],
])("%s is refused", (_, left, right, got) => {
  const parts = [left, right].map((samples) => ({
    table: takeSamples(
      plain,
      Array.from(samples, (s) => s % 5),
    ),
    samples,
  }));
  expect(() => joinSamples(parts)).toThrow(`every sample from 0 to 4 once, got ${got}`);
});

test("nothing is not a table", () => {
  expect(() => joinSamples([])).toThrow("at least one part");
});
