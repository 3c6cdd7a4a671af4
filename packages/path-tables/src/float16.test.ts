import { test as propertyTest } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHalves, toHalves } from "./float16.js";

const all = Uint16Array.from({ length: 0x10000 }, (_, half) => half);
const values = fromHalves(all);
/** 0, the subnormal and the normal numbers below infinity, ascending. */
const finite = [...all.subarray(0, 0x7c00)];

test("all 65,536 halves come back from float32 with the same bits; every NaN is the quiet one", () => {
  const back = toHalves(values);
  const isNotANumber = (half: number) => (half & 0x7fff) > 0x7c00;
  const lost = [...all].filter((half) => !isNotANumber(half) && back[half] !== half);
  expect(lost).toEqual([]);
  expect([...all].filter((half) => Number.isNaN(values[half]) !== isNotANumber(half))).toEqual([]);
  expect([...all].filter((half) => isNotANumber(half) && (back[half] & 0x7fff) !== 0x7e00)).toEqual([]);
});

test.each([
  [0x0001, 2 ** -24],
  [0x03ff, 1023 * 2 ** -24],
  [0x0400, 2 ** -14],
  [0x3555, 0.333251953125],
  [0x3c00, 1],
  [0x7bff, 65_504],
  [0x7c00, Number.POSITIVE_INFINITY],
  [0x8000, -0],
  [0xc000, -2],
])("half %i is %f", (half, value) => {
  expect(values[half]).toBe(value);
  expect([...toHalves(Float32Array.of(value))]).toEqual([half]);
});

test("between two neighbours the middle goes to the even one and its float32 neighbours to the nearer, for all halves", () => {
  for (const half of finite) {
    const next = half === 0x7bff ? 65_536 : values[half + 1];
    const middle = Float32Array.of((values[half] + next) / 2);
    const bits = new Uint32Array(middle.buffer)[0];
    const [below, above] = [
      new Float32Array(Uint32Array.of(bits - 1).buffer),
      new Float32Array(Uint32Array.of(bits + 1).buffer),
    ];
    expect([toHalves(below)[0], toHalves(middle)[0], toHalves(above)[0]]).toEqual([half, half + (half % 2), half + 1]);
  }
});

propertyTest.prop([fc.array(fc.float({ noNaN: true, min: 0, max: 1 }))])(
  "probabilities move by at most 1 part in 2,048 or 2⁻²⁵, and keep their order",
  (probabilities) => {
    const sorted = Float32Array.from(probabilities).sort();
    const rounded = fromHalves(toHalves(sorted));
    for (const [i, value] of sorted.entries()) {
      expect(Math.abs(rounded[i] - value)).toBeLessThanOrEqual(Math.max(value / 2048, 2 ** -25));
      if (i > 0) expect(rounded[i]).toBeGreaterThanOrEqual(rounded[i - 1]);
    }
  },
);
