import { type Box, textWidth } from "./plot-frame.js";

/** A mark that has a name. */
export interface NamedMark {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

type Place = readonly [x: number, y: number];
export type Segment = readonly [from: Place, to: Place];

/** Where a name stands. */
export interface NamePlace {
  /** Of the letters, which begin at x and stand on y. */
  readonly x: number;
  readonly y: number;
  /** From the mark to a name that is not right beside it. */
  readonly leader: Segment | null;
}

export interface NamePlacesOptions {
  /** Names stay in it. */
  readonly within: Box;
  /** Names may cross these, but better do not. */
  readonly lines: readonly Segment[];
  /** Of the square that a mark takes, in pixels; names stay off it. */
  readonly markSize: number;
}

const nameHeight = 16;
/** From the top of a name's box to the line that its letters stand on. */
const ascent = 12;
const distances = [3, 12, 22, 34, 48, 64, 84, 108, 136, 168, 204, 244];
const directions = 16;
const passes = 6;

/** A name belongs to the mark that is nearer than others by this many pixels. */
const clearly = 4;

/** What is wrong with a place, in pixels of distance. */
const penalty = { upon: 10_000, leader: 300, pointing: 10, stranger: 20, linePixel: 0.5, side: 3 };

interface Candidate extends NamePlace {
  readonly box: Box;
  /** Of this place whatever the other names do. */
  readonly ownCost: number;
}

/**
 * A place for each name near its mark: upon no mark and no other name where there is room, on as little of the lines as can be.
 * Names take turns in moving to the best place that the others leave, until none moves. Whoever is first has the choice: each is
 * once, and the best of all ends counts.
 */
export function namePlaces(marks: readonly NamedMark[], options: NamePlacesOptions): readonly NamePlace[] {
  const candidates = marks.map((mark) => candidatesOf(mark, marks, options));
  const ends = marks.map((_, first) => settled(candidates, first));
  return cheapest(ends, totalCost) ?? [];
}

function settled(candidates: readonly (readonly Candidate[])[], first: number): readonly Candidate[] {
  const chosen = new Map<number, Candidate>();
  for (let pass = 0; pass < passes; pass++) {
    let hasMoved = false;
    for (let turn = 0; turn < candidates.length; turn++) {
      const m = (first + turn) % candidates.length;
      const others = [...chosen].filter(([o]) => o !== m).map(([, other]) => other);
      const best = cheapest(candidates[m] ?? [], (place) => place.ownCost + costBeside(place, others));
      if (best === undefined || best === chosen.get(m)) continue;
      hasMoved = true;
      chosen.set(m, best);
    }
    if (!hasMoved) break;
  }
  return candidates.map((_, m) => chosen.get(m) as Candidate);
}

function totalCost(places: readonly Candidate[]): number {
  return places.reduce((sum, place, p) => sum + place.ownCost + costBeside(place, places.slice(0, p)), 0);
}

function candidatesOf(
  mark: NamedMark,
  marks: readonly NamedMark[],
  { within, lines, markSize }: NamePlacesOptions,
): readonly Candidate[] {
  const halfWidth = textWidth(mark.name) / 2 + 3;
  const halfMark = markSize / 2;
  const places = distances.flatMap((distance) =>
    Array.from({ length: directions }, (_, d): Candidate => {
      const angle = (2 * Math.PI * d) / directions;
      const [right, down] = [Math.cos(angle), Math.sin(angle)];
      const reach = distance + halfMark;
      const middle: Place = [
        mark.x + right * reach + outermost(right) * halfWidth,
        mark.y + down * reach + (outermost(down) * nameHeight) / 2,
      ];
      const box = boxAround(middle, halfWidth, nameHeight / 2);
      const leader: Segment | null =
        distance === distances[0] ? null : [[mark.x, mark.y], nearestWithin(box, mark.x, mark.y)];
      const apart = distanceTo(box, mark);
      const strangers = marks.filter((other) => other !== mark && (other.x !== mark.x || other.y !== mark.y));
      const onMarks = marks.filter((other) => overlap(box, boxAround([other.x, other.y], halfMark, halfMark)));
      const crossed = strangers.filter(
        ({ x, y }) => leader !== null && lengthWithin(boxAround([x, y], halfMark, halfMark), leader) > 0,
      );
      const ownCost =
        distance +
        penalty.side * (1 - right) +
        penalty.upon * (onMarks.length + outside(box, within)) +
        penalty.leader * crossed.length +
        (leader === null
          ? penalty.stranger * strangers.filter((other) => distanceTo(box, other) < apart + clearly).length
          : penalty.pointing) +
        penalty.linePixel * lines.reduce((sum, line) => sum + lengthWithin(box, line), 0);
      return { x: box.left + 3, y: box.top + ascent, leader, box, ownCost };
    }),
  );
  return places;
}

function costBeside({ box, leader }: Candidate, others: readonly Candidate[]): number {
  return others.reduce((sum, other) => {
    const isCrossed =
      (leader !== null && lengthWithin(other.box, leader) > 0) ||
      (other.leader !== null && lengthWithin(box, other.leader) > 0);
    return sum + (overlap(box, other.box) ? penalty.upon : 0) + (isCrossed ? penalty.leader : 0);
  }, 0);
}

function cheapest<T>(items: readonly T[], cost: (item: T) => number): T | undefined {
  const costs = items.map(cost);
  return items[costs.indexOf(Math.min(...costs))];
}

/** −1 … 1: a name at a slant begins at its corner, one straight above is in the middle. */
function outermost(direction: number): number {
  return Math.min(1, Math.max(-1, direction * Math.SQRT2));
}

function boxAround([x, y]: Place, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

/** How many pixels `box` sticks out. */
function outside(box: Box, within: Box): number {
  const out = [within.left - box.left, box.right - within.right, within.top - box.top, box.bottom - within.bottom];
  return out.reduce((sum, pixels) => sum + Math.max(0, pixels), 0);
}

function nearestWithin({ left, right, top, bottom }: Box, x: number, y: number): Place {
  return [Math.min(Math.max(x, left), right), Math.min(Math.max(y, top), bottom)];
}

function distanceTo(box: Box, { x, y }: NamedMark): number {
  const [nearX, nearY] = nearestWithin(box, x, y);
  return Math.hypot(nearX - x, nearY - y);
}

/** How many pixels of a line lie within a box (Liang and Barsky, 1984). */
function lengthWithin({ left, right, top, bottom }: Box, [[x0, y0], [x1, y1]]: Segment): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  let [from, to] = [0, 1];
  for (const [step, room] of [
    [-dx, x0 - left],
    [dx, right - x0],
    [-dy, y0 - top],
    [dy, bottom - y0],
  ] as const) {
    if (step === 0 && room < 0) return 0;
    if (step < 0) from = Math.max(from, room / step);
    if (step > 0) to = Math.min(to, room / step);
  }
  return Math.max(0, to - from) * Math.hypot(dx, dy);
}
