import { test } from "@fast-check/vitest";
import { bits, type GateView } from "@quee/core";
import { expectAllclose } from "@quee/tooling-testing";
import fc from "fast-check";
import { expect } from "vitest";
import { encodePath } from "./encode-path.js";
import { gateFeatureCount, gateFeatures } from "./gate-features.js";
import { randomView } from "./views.test.fixture.js";

const two: GateView = {
  prefix: [bits(8), bits(6)],
  count: 2,
  classCount: 2,
  history: [Float32Array.of(0.5, 0.5, 1, 0), Float32Array.of(0.25, 0.75, 0.9, 0.1)],
};

test("u is p̂ now, p̂ before, their entropies in nats, and their largest values, before first", () => {
  const entropy = (...p: number[]) => -p.reduce((sum, q) => sum + (q > 0 ? q * Math.log(q) : 0), 0);
  const { shape, data } = gateFeatures(two);
  expect(shape).toEqual([2, 8]);
  const first = [0.25, 0.75, 0.5, 0.5, entropy(0.25, 0.75), Math.log(2), 0.5, 0.75];
  const second = [0.9, 0.1, 1, 0, entropy(0.9, 0.1), 0, 1, 0.9];
  expectAllclose(data, [...first, ...second], { rtol: 1e-6, atol: 1e-7 });
});

test("at the second gate the places of what came before hold zeros", () => {
  const { data } = gateFeatures({ ...two, prefix: [bits(8)], count: 1, history: [Float32Array.of(0.25, 0.75)] });
  expectAllclose(data, [0.25, 0.75, 0, 0, 0.5623351446188083, 0, 0, 0.75], { rtol: 1e-6 });
});

test("only the last two exits are seen", () => {
  const earlier = {
    ...two,
    prefix: [bits(8), bits(8), bits(6)],
    history: [Float32Array.of(1, 0, 0, 1), ...two.history],
  };
  expect(gateFeatures(earlier)).toEqual(gateFeatures(two));
});

test("there is no gate before the first block", () => {
  expect(() => gateFeatures({ prefix: [], count: 1, classCount: 2, history: [] })).toThrow(/the empty path/);
});

test.prop([fc.integer({ min: 0, max: 6 }), fc.integer({ min: 2, max: 12 }), fc.integer()])(
  "u of an image does not depend on the images beside it",
  (count, classCount, seed) => {
    const view = randomView([bits(8), bits(6)], count, classCount, seed);
    const all = gateFeatures(view);
    expect(all.shape).toEqual([count, gateFeatureCount(classCount)]);
    for (let i = 0; i < count; i++) {
      const own = view.history.map((rows) => rows.slice(i * classCount, (i + 1) * classCount));
      const alone = gateFeatures({ ...view, count: 1, history: own });
      expect(all.data.slice(i * all.shape[1], (i + 1) * all.shape[1])).toEqual(alone.data);
    }
  },
);

test("p is the bits over b_max, zeros, and the length over E", () => {
  const encoding = { exitCount: 4, maxBits: 8 };
  expectAllclose(encodePath([bits(8), bits(6)], encoding), [1, 0.75, 0, 0, 0.5]);
  expectAllclose(encodePath([bits(8), bits(8), bits(6), bits(4)], encoding), [1, 1, 0.75, 0.5, 1]);
});
