import { fc, test } from "@fast-check/vitest";
import { randomStream, type Tensor } from "@quee/tensor";
import { expect } from "vitest";
import { augment } from "./augment.js";

/** Pixel 1, 2, 3, … of two channels of 3×4. */
function numbered(count: number): Tensor {
  return { shape: [count, 2, 3, 4], data: Float32Array.from({ length: count * 24 }, (_, i) => 1 + (i % 24)) };
}

test("an image is flipped or not, in every channel alike", () => {
  const images = numbered(200);
  augment(images, { flip: true, shift: 0 }, randomStream(1, "flip"));
  const rows = Array.from({ length: 200 }, (_, i) => [...images.data.subarray(i * 24, (i + 1) * 24)]);
  const asTheyWere = rows.filter((row) => row[0] === 1);
  expect(asTheyWere.length).toBeGreaterThan(70);
  expect(asTheyWere.length).toBeLessThan(130);
  for (const row of rows.filter((row) => row[0] !== 1)) {
    expect(row.slice(0, 8)).toEqual([4, 3, 2, 1, 8, 7, 6, 5]);
    expect(row.slice(12, 16)).toEqual([16, 15, 14, 13]);
  }
});

test("an image moves by whole pixels, and zeros come in", () => {
  const images = numbered(300);
  augment(images, { flip: false, shift: 1 }, randomStream(2, "shift"));
  const places = new Set<string>();
  for (let i = 0; i < 300; i++) {
    const image = images.data.subarray(i * 24, i * 24 + 12);
    // Pixel 6 stands in row 1 and column 1, so one step never drives it out.
    const at = image.indexOf(6);
    const [down, right] = [Math.floor(at / 4) - 1, (at % 4) - 1];
    places.add(`${down} ${right}`);
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 4; x++) {
        const [fromY, fromX] = [y - down, x - right];
        const isInside = fromY >= 0 && fromY < 3 && fromX >= 0 && fromX < 4;
        expect(image[y * 4 + x]).toBe(isInside ? 1 + fromY * 4 + fromX : 0);
      }
    }
  }
  expect(places.size).toBe(9);
});

test.prop([fc.integer({ min: 0, max: 2 ** 32 - 1 })])("the same stream does the same", (seed) => {
  const [one, other] = [numbered(4), numbered(4)];
  augment(one, { flip: true, shift: 2 }, randomStream(seed, "a"));
  augment(other, { flip: true, shift: 2 }, randomStream(seed, "a"));
  expect(one.data).toEqual(other.data);
});
