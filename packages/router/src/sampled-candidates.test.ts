import { test as propertyTest } from "@fast-check/vitest";
import { bits, legalPaths, pathKey, samplePaths } from "@quee/core";
import { replay } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { queePolicy } from "./quee-policy.js";
import { eighths, meanBits, pathsFrom, randomTable, space } from "./routing.test.fixture.js";
import { resampledCandidates, sampledCandidates } from "./sampled-candidates.js";

const gates = legalPaths(space).filter((path) => path.length < 3);
const draw = (count: number, seed: number) =>
  resampledCandidates({ count, random: (gate) => randomStream(seed, gate) });

propertyTest.prop([fc.constantFrom(...gates), fc.integer({ min: 1, max: 12 }), fc.integer()])(
  "a draw holds leaving now and at most as many candidates as asked, and is the same every time",
  (prefix, count, seed) => {
    const all = pathsFrom(prefix);
    const drawn = draw(count, seed)(all, prefix);
    expect(drawn.length).toBe(Math.min(count, all.length));
    expect(drawn.map(pathKey)).toContain(pathKey(prefix));
    expect(new Set(drawn.map(pathKey)).size).toBe(drawn.length);
    for (const path of drawn) expect(all).toContain(path);
    expect(draw(count, seed)(all, prefix)).toEqual(drawn);
  },
);

test("over seeds every way onwards is drawn equally often, and gates are drawn independently", () => {
  const [one, other] = [[bits(8)], [bits(6)]];
  const hits = new Map<string, number>();
  let both = 0;
  const seeds = 4000;
  for (let seed = 0; seed < seeds; seed++) {
    const drawn = draw(4, seed)(pathsFrom(one), one).map(pathKey);
    for (const key of drawn) hits.set(key, (hits.get(key) ?? 0) + 1);
    const there = draw(2, seed)(pathsFrom(other), other).map(pathKey);
    if (drawn.includes(pathKey([bits(8), bits(8)])) && there.includes(pathKey([bits(6), bits(6)]))) both++;
  }
  // 3 of 9 ways onwards; 1 of 5 at the other gate. Five standard deviations.
  for (const path of pathsFrom(one).slice(1)) {
    expect(Math.abs((hits.get(pathKey(path)) ?? 0) - seeds / 3)).toBeLessThan(5 * Math.sqrt((seeds * 2) / 9));
  }
  expect(Math.abs(both - seeds / 15)).toBeLessThan(5 * Math.sqrt(seeds / 15));
});

propertyTest.prop([fc.integer({ min: 3, max: 30 }), fc.integer()])(
  "with a fixed sample of paths no image ends on another",
  (count, seed) => {
    const paths = samplePaths(space, { count, random: randomStream(seed, "paths") });
    const kept = new Set(paths.map(pathKey));
    const table = randomTable("test", { count: 20, seed });
    for (const lambda of [0, 0.2, 1]) {
      const policy = queePolicy({
        ...{ predict: eighths, costs: meanBits, lambda, space },
        firstBits: paths[0][0],
        among: sampledCandidates(paths),
      });
      for (const p of replay(policy, table, { space }).pathIndex) expect(kept).toContain(pathKey(table.paths[p]));
    }
  },
);

test("no candidates at all are refused", () => {
  expect(() => draw(0, 1)).toThrow(/count of candidates at a gate/);
});
