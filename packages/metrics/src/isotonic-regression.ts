import { sameLength } from "./same-length.js";

/** From a score to a probability. */
export type CalibrationMap = (score: number) => number;

/** Straight between its corners, constant beyond the outer ones. */
export interface IsotonicMap extends CalibrationMap {
  /** Scores and values of the corners, both rising. */
  readonly corners: readonly { readonly score: number; readonly value: number }[];
}

/** A run of scores that share a value. */
interface Block {
  readonly from: number;
  readonly until: number;
  readonly sum: number;
  readonly weight: number;
}

/**
 * The non-decreasing step function of least squares, by pooling adjacent violators (Ayer et al. 1955; for calibration: Zadrozny
 * and Elkan 2002). Between two steps it is straight, beyond the outer ones constant. Null of nothing.
 * @param score [N] finite @param outcome [N] 0 or 1
 */
export function isotonicRegression(samples: {
  readonly score: ArrayLike<number>;
  readonly outcome: ArrayLike<number>;
}): IsotonicMap | null {
  const { score, outcome } = samples;
  const count = sameLength({ score, outcome });
  if (count === 0) return null;
  const order = Int32Array.from({ length: count }, (_, i) => i).sort((a, b) => score[a] - score[b]);
  const blocks: Block[] = [];
  for (let start = 0; start < count; ) {
    // Samples of one score cannot be told apart: they enter as one.
    const from = score[order[start]];
    let sum = 0;
    let end = start;
    while (end < count && score[order[end]] === from) sum += outcome[order[end++]];
    let block: Block = { from, until: from, sum, weight: end - start };
    for (let last = blocks.at(-1); last !== undefined && valueIn(last) >= valueIn(block); last = blocks.at(-1)) {
      blocks.pop();
      block = { from: last.from, until: block.until, sum: last.sum + block.sum, weight: last.weight + block.weight };
    }
    blocks.push(block);
    start = end;
  }
  const corners = blocks.flatMap((block) =>
    (block.from === block.until ? [block.from] : [block.from, block.until]).map((at) => ({
      score: at,
      value: valueIn(block),
    })),
  );
  return Object.assign((at: number) => valueAt(blocks, at), { corners });
}

function valueAt(blocks: readonly Block[], at: number): number {
  // The first block that does not end before `at`.
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (blocks[middle].until < at) low = middle + 1;
    else high = middle;
  }
  const right = blocks[low];
  if (right === undefined) return valueIn(blocks[blocks.length - 1]);
  const left = blocks[low - 1];
  if (left === undefined || at >= right.from) return valueIn(right);
  const share = (at - left.until) / (right.from - left.until);
  // Rounded, the line may pass its end.
  return Math.min(valueIn(right), valueIn(left) + share * (valueIn(right) - valueIn(left)));
}

function valueIn({ sum, weight }: Block): number {
  return sum / weight;
}
