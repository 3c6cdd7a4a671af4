import { addLine, clearMask, type Mask } from "./canvas.js";
import type { Glyph } from "./glyph-paths.js";
import type { ImageRandom } from "./image-random.js";

/** How a digit is written: the numbers of a house share one hand. */
export interface Hand {
  /** Height in pixels. */
  readonly height: number;
  /** Width of the box of a digit, in pixels. */
  readonly width: number;
  /** Half the thickness of a stroke, in pixels. */
  readonly radius: number;
  /** Shift to the right per unit of height. */
  readonly slant: number;
  readonly cosine: number;
  readonly sine: number;
  /** Coefficients of a quadratic bend of the box: how x and y change with x·y, x² and y². */
  readonly bend: readonly number[];
}

/** @param wildness 0 … 1: how far from upright printed digits */
export function drawHand(wildness: number, random: ImageRandom): Hand {
  const height = random.between(26 - 11 * wildness, 28 - 2 * wildness);
  const halfTangent = 0.5 * random.between(-1, 1) * (0.06 + 0.5 * wildness);
  const scale = 1 + halfTangent * halfTangent;
  const bend = Array.from({ length: 6 }, () => random.between(-1, 1) * (0.03 + 0.38 * wildness));
  return {
    height,
    width: height * 0.6 * random.between(0.9 - 0.25 * wildness, 1.1 + 0.15 * wildness),
    radius: height * random.between(0.06 - 0.025 * wildness, 0.09 + 0.025 * wildness),
    slant: random.between(-1, 1) * (0.05 + 0.3 * wildness),
    // The rational parametrisation of the circle needs no cosine, which platforms may round differently.
    cosine: (1 - halfTangent * halfTangent) / scale,
    sine: (2 * halfTangent) / scale,
    bend,
  };
}

/** Measures the distance of every pixel to the strokes of a glyph whose box is centred at (cx, cy), in pixels. */
export function traceGlyph(mask: Mask, glyph: Glyph, hand: Hand, cx: number, cy: number): void {
  clearMask(mask);
  const reach = hand.radius + 2.5;
  for (const stroke of glyph) {
    let [fromX, fromY] = place(stroke[0], stroke[1], hand, cx, cy);
    for (let at = 2; at < stroke.length; at += 2) {
      const [toX, toY] = place(stroke[at], stroke[at + 1], hand, cx, cy);
      addLine(mask, fromX, fromY, toX, toY, reach);
      fromX = toX;
      fromY = toY;
    }
  }
}

function place(gx: number, gy: number, hand: Hand, cx: number, cy: number): readonly [number, number] {
  // Glyphs live in 0 … 0.6 by 0 … 1.
  const u = gx / 0.6 - 0.5;
  const v = gy - 0.5;
  const [a, b, c, d, e, f] = hand.bend;
  const bentU = u + a * u * v + b * (v * v - 0.12) + c * (u * u - 0.12);
  const bentV = v + 0.6 * (d * u * v + e * (u * u - 0.12) + f * (v * v - 0.12));
  const y = bentV * hand.height;
  const x = bentU * hand.width - hand.slant * y;
  return [cx + hand.cosine * x - hand.sine * y, cy + hand.sine * x + hand.cosine * y];
}
