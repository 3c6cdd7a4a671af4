import { paintWall } from "./backgrounds.js";
import { addLine, addNoise, area, blur, type Colour, clearMask, emptyMask, paint, side, toBytes } from "./canvas.js";
import { type DifficultyRange, drawDifficulty } from "./difficulty.js";
import { glyphs } from "./glyphs.js";
import { type ImageRandom, imageRandom } from "./image-random.js";
import { drawHand, traceGlyph } from "./pen.js";

/**
 * Changes with every change of a pixel: weights and caches that were made from these images carry it. A test holds the
 * pixels of this version.
 */
export const syntheticDigitsVersion = 1;

export interface RenderedDigit {
  /** Planes R, G, B. [3, 32, 32] */
  readonly image: Uint8Array;
  /** 0 … 9 */
  readonly label: number;
  /** 0 clean … 1 barely readable */
  readonly difficulty: number;
}

/** What image `index` shows, without painting it. */
export function describeDigit(seed: number, stream: string, index: number, range?: DifficultyRange) {
  return draw(imageRandom(seed, stream, index), range);
}

/** The first draws of every image. */
function draw(random: ImageRandom, range?: DifficultyRange): { readonly label: number; readonly difficulty: number } {
  return { label: random.below(10), difficulty: drawDifficulty(random.uniform(), range) };
}

// Drawn over and over; nothing of it is seen from outside.
const canvas = new Float32Array(3 * area);
const mask = emptyMask();

/**
 * Image `index` of an endless stream of house numbers: the digit in the middle is the label. It depends on the arguments
 * only and is made of additions, products and square roots, so it is the same everywhere.
 */
export function renderDigit(seed: number, stream: string, index: number, range?: DifficultyRange): RenderedDigit {
  const random = imageRandom(seed, stream, index);
  const { label, difficulty } = draw(random, range);
  // One image is blurred and another one dark: every nuisance takes its own share of the difficulty.
  const share = () => Math.min(1, difficulty * random.between(0.3, 1.3));

  const wall = anyColour(random);
  const ink = inkOn(wall, mix(0.68, 0.11, share()), random);
  paintWall(canvas, wall, mix(0.03, 0.2, share()), random);

  const wildness = share();
  const hand = drawHand(wildness, random);
  const away = 0.5 + 4 * wildness;
  const centre = { x: side / 2 + random.between(-away, away), y: side / 2 + random.between(-away, away) };
  paintNeighbours(share(), hand, centre, ink, random);
  paintDigit(label, hand, centre, ink, random);

  const cluttered = share();
  for (let bar = 0; bar < 3; bar++) if (random.chance(0.5 * cluttered)) paintBar(random);
  blur(canvas, mix(0.25, 1.5, share()));
  addNoise(canvas, mix(0.006, 0.08, share()), random);
  return { image: toBytes(canvas), label, difficulty };
}

type Hand = ReturnType<typeof drawHand>;
interface Point {
  readonly x: number;
  readonly y: number;
}

function paintDigit(digit: number, hand: Hand, { x, y }: Point, ink: Colour, random: ImageRandom): void {
  const variants = glyphs[digit];
  const glyph = variants[random.below(variants.length)];
  const isRaised = random.chance(0.3);
  if (isRaised) {
    const shift = random.between(0.6, 1.6);
    traceGlyph(mask, glyph, hand, x + shift * random.sign(), y + shift);
    paint(canvas, mask, hand.radius, random.chance(0.7) ? [0.03, 0.03, 0.05] : [0.95, 0.95, 0.95], 0.45);
  }
  traceGlyph(mask, glyph, hand, x, y);
  paint(canvas, mask, hand.radius, ink, 1);
}

/** The other digits of the house number, cut off by the edges of the image. */
function paintNeighbours(crowding: number, hand: Hand, centre: Point, ink: Colour, random: ImageRandom): void {
  for (const towards of [-1, 1]) {
    const isThere = random.chance(0.25 + 0.6 * crowding);
    const gap = hand.width + 2 * hand.radius + random.between(1 - 2.5 * crowding, 5 - 3 * crowding);
    // The line of writing turns with the digits.
    const x = centre.x + towards * Math.max(gap, 13 - 3 * crowding) * hand.cosine;
    const y = centre.y + towards * gap * hand.sine;
    if (isThere) paintDigit(random.below(10), hand, { x, y }, ink, random);
  }
}

/** A cable, a twig, a bar of a gate. */
function paintBar(random: ImageRandom): void {
  const [x0, x1] = [random.between(0, side), random.between(0, side)];
  const [y0, y1] = [random.between(0, side), random.between(0, side)];
  const [stretchX, stretchY] = [2 * (x1 - x0), 2 * (y1 - y0)];
  const radius = random.between(0.4, 1.6);
  clearMask(mask);
  addLine(mask, x0 - stretchX, y0 - stretchY, x1 + stretchX, y1 + stretchY, radius + 1);
  paint(canvas, mask, radius, anyColour(random), random.between(0.6, 1));
}

function anyColour(random: ImageRandom): Colour {
  const brightness = random.between(0.1, 0.9);
  // Plaster, brick and wood are greyer than paint.
  const saturation = random.chance(0.6) ? 0.09 : 0.25;
  const hue = () => Math.max(0, Math.min(1, brightness + saturation * random.between(-1, 1)));
  return [hue(), hue(), hue()];
}

/** A colour that is `contrast` brighter or darker than the wall, on the side where there is more room. */
function inkOn(wall: Colour, contrast: number, random: ImageRandom): Colour {
  const brightness = 0.299 * wall[0] + 0.587 * wall[1] + 0.114 * wall[2];
  const isDark = brightness + random.between(-0.15, 0.15) > 0.5;
  const change = isDark ? -contrast : contrast;
  const hue = (value: number) =>
    Math.max(0, Math.min(1, value + change + random.between(-0.2, 0.2) * (0.3 + contrast)));
  return [hue(wall[0]), hue(wall[1]), hue(wall[2])];
}

function mix(from: number, to: number, way: number): number {
  return from + (to - from) * way;
}
