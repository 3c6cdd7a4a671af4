import { expect, test } from "vitest";
import { blurPlanes } from "./blur.js";
import { corrupt } from "./corrupt.js";
import { corruptionKinds, strengths } from "./kinds.js";

/** A slope with a bright square, another one in each plane. */
const image = {
  height: 32,
  width: 32,
  pixels: Uint8Array.from({ length: 3 * 1024 }, (_, k) => {
    const [plane, y, x] = [Math.floor(k / 1024), Math.floor(k / 32) % 32, k % 32];
    return y > 8 && y < 20 && x > 10 - plane && x < 22 ? 220 : 40 + 2 * x + 5 * plane;
  }),
};
const distance = (a: Uint8Array, b: Uint8Array) =>
  Math.sqrt(a.reduce((sum, value, k) => sum + (value - (b[k] ?? 0)) ** 2, 0) / a.length);

test.each(corruptionKinds)("%s moves the image farther with each strength", async (kind) => {
  let before = 0;
  for (let strength = 1; strength <= strengths; strength++) {
    const { pixels, height, width } = await corrupt(image, { kind, strength, seed: 1, name: "0" });
    expect([height, width, pixels.length]).toEqual([32, 32, image.pixels.length]);
    const now = distance(pixels, image.pixels);
    expect(now).toBeGreaterThan(before);
    before = now;
  }
});

test("noise is drawn from the seed and the name of the image, and from nothing else", async () => {
  const noisy = async (seed: number, name: string) =>
    (await corrupt(image, { kind: "noise", strength: 3, seed, name })).pixels;
  expect(await noisy(1, "7")).toEqual(await noisy(1, "7"));
  expect(await noisy(1, "7")).not.toEqual(await noisy(1, "8"));
  expect(await noisy(1, "7")).not.toEqual(await noisy(2, "7"));
});

test("noise has the deviation that it says", async () => {
  const grey = { height: 64, width: 64, pixels: new Uint8Array(3 * 4096).fill(128) };
  const { pixels } = await corrupt(grey, { kind: "noise", strength: 1, seed: 1, name: "0" });
  expect(distance(pixels, grey.pixels)).toBeCloseTo(0.04 * 255, 0);
});

test("less contrast keeps the mean, more brightness adds to it and stays within bytes", async () => {
  const mean = (pixels: Uint8Array) => pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const at = async (kind: "contrast" | "brightness") =>
    mean((await corrupt(image, { kind, strength: 1, seed: 1, name: "0" })).pixels);
  expect(await at("contrast")).toBeCloseTo(mean(image.pixels), 0);
  expect(await at("brightness")).toBeCloseTo(mean(image.pixels) + 0.05 * 255, 0);
  const white = { height: 1, width: 1, pixels: Uint8Array.of(250, 250, 250) };
  expect([...(await corrupt(white, { kind: "brightness", strength: 5, seed: 1, name: "0" })).pixels]).toEqual([
    255, 255, 255,
  ]);
});

test("blur keeps what is even, and spreads a point over its plane alone", () => {
  const even = { height: 5, width: 7, pixels: new Uint8Array(105).fill(77) };
  expect(blurPlanes(even, 1.3)).toEqual(even.pixels);
  const pixels = new Uint8Array(3 * 81);
  pixels[81 + 40] = 255;
  const spread = blurPlanes({ height: 9, width: 9, pixels }, 0.8);
  expect(spread.subarray(0, 81).every((value) => value === 0)).toBe(true);
  // The middle of a Gaussian of deviation 0.8 on whole pixels holds about a quarter.
  expect(spread[81 + 40]).toBeCloseTo(255 * 0.2486, -1);
  expect(spread[81 + 39]).toBe(spread[81 + 41]);
  expect(spread[81 + 31]).toBe(spread[81 + 39]);
});
