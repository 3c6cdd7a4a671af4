import { fc, test as property } from "@fast-check/vitest";
import { expect, test } from "vitest";
import { bits, legalPaths, nextLevels, type PathSpace, pathKey, startsWith } from "./paths.js";
import { samplePaths } from "./sample-paths.js";

const spaces = fc.record({
  levels: fc.uniqueArray(fc.integer({ min: 2, max: 9 }).map(bits), { minLength: 1, maxLength: 4 }),
  exitCount: fc.integer({ min: 1, max: 5 }),
  order: fc.constantFrom("monotone", "any"),
  firstBlock: fc.constantFrom("highest", "any"),
}) satisfies fc.Arbitrary<PathSpace>;
/** Lots that fast-check can shrink. */
const lots = fc.infiniteStream(fc.nat()).map((numbers) => ({
  permutation(n: number) {
    const keys = Array.from({ length: n }, () => numbers.next().value as number);
    return [...keys.keys()].sort((a, b) => (keys[a] as number) - (keys[b] as number));
  },
}));

property.prop([spaces, fc.integer({ min: 1, max: 80 }), lots])(
  "a sample is of legal paths, no more than asked, holds the prefixes of all it holds, and all where they fit",
  (space, count, random) => {
    const legal = legalPaths(space);
    const sample = samplePaths(space, { count, random });
    const keys = sample.map(pathKey);
    expect(sample.length).toBeLessThanOrEqual(count);
    if (count >= legal.length) expect(sample).toEqual(legal);
    // What does not fit with its prefixes may leave fewer than E − 1 places empty.
    else expect(sample.length).toBeGreaterThan(count - space.exitCount);
    expect(keys).toEqual(legal.map(pathKey).filter((key) => keys.includes(key)));
    for (const path of sample) {
      for (let j = 1; j < path.length; j++) expect(keys).toContain(pathKey(path.slice(0, j)));
    }
  },
);

property.prop([spaces, lots])("1 + B·(E − 1) paths keep every level behind a fixed first block", (rules, random) => {
  const space: PathSpace = { ...rules, firstBlock: "highest" };
  const count = 1 + space.levels.length * (space.exitCount - 1);
  const [first] = legalPaths(space);
  const sampled: PathSpace = { ...space, only: samplePaths(space, { count, random }) };
  expect(nextLevels(first ?? [], sampled)).toEqual(nextLevels(first ?? [], space));
});

property.prop([spaces, fc.integer({ min: 1, max: 40 }), lots])(
  "in a sampled space every reachable gate may exit, and every next level leads to a path of the sample",
  (space, count, random) => {
    const only = samplePaths(space, { count, random });
    const sampled: PathSpace = { ...space, only };
    expect(legalPaths(sampled)).toEqual(only);
    for (const prefix of [[], ...only]) {
      for (const level of nextLevels(prefix, sampled)) {
        expect(nextLevels(prefix, space)).toContain(level);
        expect(only.map(pathKey)).toContain(pathKey([...prefix, level]));
        expect(only.some((path) => startsWith(path, [...prefix, level]))).toBe(true);
      }
    }
  },
);

const large: PathSpace = {
  levels: [5, 6, 7, 8].map(bits),
  exitCount: 12,
  order: "monotone",
  firstBlock: "highest",
};

test("the sample depends on the lots", () => {
  const forwards = { permutation: (n: number) => Array.from({ length: n }, (_, i) => i) };
  const backwards = { permutation: (n: number) => forwards.permutation(n).reverse() };
  const one = samplePaths(large, { count: 50, random: forwards });
  expect(samplePaths(large, { count: 50, random: forwards })).toEqual(one);
  expect(samplePaths(large, { count: 50, random: backwards })).not.toEqual(one);
  expect(samplePaths(large, { count: 50, random: backwards }).some((path) => path.length === 12)).toBe(true);
});

test.each([0, -1, 2.5, Number.NaN])("%s paths are refused", (count) => {
  expect(() => samplePaths(large, { count, random: { permutation: () => [] } })).toThrow(/count of sampled paths/);
});
