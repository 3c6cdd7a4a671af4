import { area, type Canvas, type Colour, side } from "./canvas.js";
import type { ImageRandom } from "./image-random.js";

/** A wall: a colour with a gradient, patches and sometimes stripes around it, together as strong as `strength`. */
export function paintWall(canvas: Canvas, base: Colour, strength: number, random: ImageRandom): void {
  for (let plane = 0; plane < 3; plane++) canvas.fill(base[plane], plane * area, (plane + 1) * area);
  addGradient(canvas, tint(random, strength), random);
  addPatches(canvas, tint(random, strength), random.between(4, 12), random);
  if (random.chance(0.5)) addPatches(canvas, tint(random, 0.6 * strength), random.between(2, 4), random);
  if (random.chance(0.35)) addStripes(canvas, tint(random, 0.8 * strength), random);
}

/** A change of colour, mostly of brightness. */
function tint(random: ImageRandom, strength: number): Colour {
  const brightness = random.sign() * random.between(0.5, 1) * strength;
  const hue = () => brightness + random.between(-0.5, 0.5) * strength;
  return [hue(), hue(), hue()];
}

function add(canvas: Canvas, at: number, [red, green, blue]: Colour, weight: number): void {
  canvas[at] += weight * red;
  canvas[area + at] += weight * green;
  canvas[2 * area + at] += weight * blue;
}

function addGradient(canvas: Canvas, colour: Colour, random: ImageRandom): void {
  const [dx, dy] = direction(random);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      add(canvas, y * side + x, colour, ((x - side / 2) * dx + (y - side / 2) * dy) / (side / 2));
    }
  }
}

/** Value noise: random values on a lattice of `cell` pixels, smoothly interpolated. */
function addPatches(canvas: Canvas, colour: Colour, cell: number, random: ImageRandom): void {
  const width = Math.ceil(side / cell) + 2;
  const lattice = new Float32Array(width * width);
  for (let i = 0; i < lattice.length; i++) lattice[i] = random.between(-1, 1);
  const shiftX = random.uniform();
  const shiftY = random.uniform();
  for (let y = 0; y < side; y++) {
    const [row, v] = smooth(y / cell + shiftY);
    for (let x = 0; x < side; x++) {
      const [column, u] = smooth(x / cell + shiftX);
      const at = row * width + column;
      const above = lattice[at] + u * (lattice[at + 1] - lattice[at]);
      const below = lattice[at + width] + u * (lattice[at + width + 1] - lattice[at + width]);
      add(canvas, y * side + x, colour, above + v * (below - above));
    }
  }
}

/** Cell of a place and 3t² − 2t³ of the way through it. */
function smooth(place: number): readonly [cell: number, way: number] {
  const cell = Math.floor(place);
  const t = place - cell;
  return [cell, t * t * (3 - 2 * t)];
}

/** Boards, slats or blinds. */
function addStripes(canvas: Canvas, colour: Colour, random: ImageRandom): void {
  const [dx, dy] = random.chance(0.5) ? (random.chance(0.5) ? [1, 0] : [0, 1]) : direction(random);
  const period = random.between(3, 10);
  const sharpness = random.between(1, 4);
  const phase = random.uniform();
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const place = (x * dx + y * dy) / period + phase;
      const triangle = 4 * Math.abs(place - Math.floor(place) - 0.5) - 1;
      add(canvas, y * side + x, colour, Math.max(-1, Math.min(1, sharpness * triangle)));
    }
  }
}

/** A random unit vector, the nearer to the axes the likelier (a point of a square, normalised). */
function direction(random: ImageRandom): readonly [number, number] {
  const x = random.between(-1, 1);
  const y = random.between(-1, 1);
  const length = Math.sqrt(x * x + y * y) + 1e-9;
  return [x / length, y / length];
}
