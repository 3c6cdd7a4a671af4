import type { Image } from "@quee/datasets";

/** Gaussian blur of every plane, rows then columns; edge pixels repeat outside. @param deviation in pixels */
export function blurPlanes({ height, width, pixels }: Image, deviation: number): Uint8Array {
  const weights = gaussian(deviation);
  const reach = (weights.length - 1) / 2;
  const blurred = new Uint8ClampedArray(pixels.length);
  const row = new Float64Array(height * width);
  for (let plane = 0; plane < pixels.length; plane += height * width) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const place = (k: number) => plane + y * width + clamp(x + k - reach, width);
        row[y * width + x] = weights.reduce((sum, weight, k) => sum + weight * (pixels[place(k)] ?? 0), 0);
      }
    }
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const place = (k: number) => clamp(y + k - reach, height) * width + x;
        blurred[plane + y * width + x] = weights.reduce((sum, weight, k) => sum + weight * (row[place(k)] ?? 0), 0);
      }
    }
  }
  return Uint8Array.from(blurred);
}

/** Weights that sum to 1, out to three deviations. */
function gaussian(deviation: number): readonly number[] {
  const reach = Math.max(1, Math.ceil(3 * deviation));
  const raw = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * deviation ** 2)));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  return raw.map((weight) => weight / total);
}

function clamp(place: number, size: number): number {
  return Math.min(Math.max(place, 0), size - 1);
}
