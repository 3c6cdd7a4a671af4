import type { GradientWriter } from "../gradient-writer.js";

/** Adds `before` and `after` zeros along one of `rank` axes. */
export function padAlong(
  g: GradientWriter,
  x: string,
  rank: number,
  axis: number,
  before: number,
  after: number,
): string {
  if (before === 0 && after === 0) return x;
  const pads = new Array<number>(2 * rank).fill(0);
  pads[axis] = before;
  pads[axis + rank] = after;
  return g.add("Pad", [x, g.int64(pads)]);
}

/**
 * The transpose of taking `indices` along an axis of length `size`: every row of `x` goes back to the place it was taken
 * from, rows of one place add up, and places never taken get zeros.
 */
export function placeAlong(
  g: GradientWriter,
  x: string,
  { rank, axis, indices, size }: { rank: number; axis: number; indices: readonly number[]; size: number },
): string {
  const first = indices[0] ?? 0;
  if (indices.every((index, i) => index === first + i)) {
    return padAlong(g, x, rank, axis, first, size - first - indices.length);
  }
  // As gathers, so that no operator writes to a place twice: the k-th gather brings back the k-th taking of each place,
  // and a row of zeros (the last) stands for "not taken so often".
  const takings = Array.from({ length: size }, (): number[] => []);
  for (const [i, index] of indices.entries()) takings[index]?.push(i);
  const rounds = Math.max(1, ...takings.map((of) => of.length));
  const padded = padAlong(g, x, rank, axis, 0, 1);
  return Array.from({ length: rounds }, (_, k) => {
    const rows = takings.map((of) => of[k] ?? indices.length);
    return g.add("Gather", [padded, g.int64(rows)], { axis });
  }).reduce((sum, round) => g.plus(sum, round));
}
