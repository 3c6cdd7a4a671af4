import type { ImageRandom } from "./image-random.js";

/** Width and height of an image, in pixels. */
export const side = 32;
export const area = side * side;

/** Red, green, blue; 0 … 1 each. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Planes R, G, B of values around 0 … 1. [3, 32, 32] */
export type Canvas = Float32Array;

/** Squared distance of every pixel centre to what was drawn; large where nothing is near. */
export interface Mask {
  readonly squaredDistance: Float32Array;
}

export function emptyMask(): Mask {
  return { squaredDistance: new Float32Array(area) };
}

export function clearMask(mask: Mask): void {
  mask.squaredDistance.fill(1e9);
}

/** Adds the line from (x0, y0) to (x1, y1) to what the mask measures, as far as `reach` pixels from it. */
export function addLine(
  { squaredDistance }: Mask,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  reach: number,
): void {
  const left = Math.max(0, Math.floor(Math.min(x0, x1) - reach));
  const right = Math.min(side - 1, Math.ceil(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.floor(Math.min(y0, y1) - reach));
  const bottom = Math.min(side - 1, Math.ceil(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const squaredLength = dx * dx + dy * dy;
  const perLength = squaredLength > 0 ? 1 / squaredLength : 0;
  for (let y = top; y <= bottom; y++) {
    const fromY = y + 0.5 - y0;
    for (let x = left; x <= right; x++) {
      const fromX = x + 0.5 - x0;
      let along = (fromX * dx + fromY * dy) * perLength;
      along = along < 0 ? 0 : Math.min(along, 1);
      const ex = fromX - along * dx;
      const ey = fromY - along * dy;
      const distance = ex * ex + ey * ey;
      const at = y * side + x;
      if (distance < squaredDistance[at]) squaredDistance[at] = distance;
    }
  }
}

/** Paints everything within `radius` of the mask's lines; an edge is one pixel wide. */
export function paint(canvas: Canvas, mask: Mask, radius: number, [red, green, blue]: Colour, opacity: number): void {
  const beyond = (radius + 0.5) * (radius + 0.5);
  for (let at = 0; at < area; at++) {
    const squared = mask.squaredDistance[at];
    if (squared >= beyond) continue;
    const covered = radius + 0.5 - Math.sqrt(squared);
    const weight = opacity * Math.min(covered, 1);
    canvas[at] += weight * (red - canvas[at]);
    canvas[area + at] += weight * (green - canvas[area + at]);
    canvas[2 * area + at] += weight * (blue - canvas[2 * area + at]);
  }
}

/**
 * Blur of variance `sigma`² pixels, as passes of the kernel [a, 1 − 2a, a], whose variance is 2a: no exponential, so no
 * difference between platforms. Edges repeat.
 */
export function blur(canvas: Canvas, sigma: number): void {
  const variance = sigma * sigma;
  const passes = Math.ceil(variance / 0.6);
  if (passes === 0) return;
  const a = variance / passes / 2;
  for (let pass = 0; pass < passes; pass++) {
    for (let row = 0; row < 3 * side; row++) blurLine(canvas, row * side, 1, a);
    for (let plane = 0; plane < 3; plane++) {
      for (let x = 0; x < side; x++) blurLine(canvas, plane * area + x, side, a);
    }
  }
}

function blurLine(canvas: Canvas, start: number, step: number, a: number): void {
  let before = canvas[start];
  let here = before;
  for (let i = 0, at = start; i < side; i++, at += step) {
    const after = i + 1 < side ? canvas[at + step] : here;
    canvas[at] = here + a * (before - 2 * here + after);
    before = here;
    here = after;
  }
}

/** Adds noise of standard deviation `sigma` to every value, and as much again to all three colours of a pixel together. */
export function addNoise(canvas: Canvas, sigma: number, random: ImageRandom): void {
  for (let at = 0; at < area; at++) {
    const common = nearlyNormal(random.bits());
    for (let plane = 0; plane < 3; plane++) canvas[plane * area + at] += sigma * (common + nearlyNormal(random.bits()));
  }
}

/** Sum of four uniform bytes, centred and scaled to variance 1 (Irwin–Hall): normal enough for noise. */
function nearlyNormal(bits: number): number {
  const sum = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24);
  return (sum - 510) / 147.8;
}

export function toBytes(canvas: Canvas): Uint8Array {
  const bytes = new Uint8Array(canvas.length);
  for (let at = 0; at < canvas.length; at++) {
    const value = canvas[at] * 255 + 0.5;
    bytes[at] = value < 0 ? 0 : Math.min(value, 255);
  }
  return bytes;
}
