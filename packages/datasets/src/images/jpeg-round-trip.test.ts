import { expect, test } from "vitest";
import { jpegRoundTrip } from "./jpeg-round-trip.js";

/** A slope from black to white, redder to the right. [3, 16, 24] */
const image = {
  height: 16,
  width: 24,
  pixels: Uint8Array.from({ length: 3 * 16 * 24 }, (_, k) => (k < 16 * 24 ? (k % 24) * 10 : ((k % 384) / 24) * 15)),
};
const errorAt = async (quality: number) => {
  const { pixels } = await jpegRoundTrip(image, quality);
  return pixels.reduce((sum, value, k) => sum + Math.abs(value - image.pixels[k]), 0) / pixels.length;
};

test("keeps size and, at high quality, planes in their order", async () => {
  const back = await jpegRoundTrip(image, 95);
  expect([back.height, back.width, back.pixels.length]).toEqual([16, 24, 3 * 16 * 24]);
  expect(await errorAt(95)).toBeLessThan(4);
});

test("lower quality costs more, and the same image gives the same bytes", async () => {
  const [fine, coarse] = [await errorAt(80), await errorAt(5)];
  expect(coarse).toBeGreaterThan(2 * fine);
  expect((await jpegRoundTrip(image, 5)).pixels).toEqual((await jpegRoundTrip(image, 5)).pixels);
});

test("a quality that JPEG does not have is refused", async () => {
  await expect(jpegRoundTrip(image, 0)).rejects.toThrow(/from 1 to 100, got 0/);
});
