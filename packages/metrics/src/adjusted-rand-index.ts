import { sameLength } from "./same-length.js";

/**
 * Agreement of two partitions of the same samples: 1 where they are the same whatever their cells are called, 0 expected of
 * random ones with the same cell sizes. Hubert and Arabie 1985. Null of fewer than two samples.
 * @param a [N] cell of each sample @param b [N]
 */
export function adjustedRandIndex(partitions: {
  readonly a: ArrayLike<number>;
  readonly b: ArrayLike<number>;
}): number | null {
  const { a, b } = partitions;
  const count = sameLength({ a, b });
  if (count < 2) return null;
  const [ofA, ofB, ofBoth] = [new Map<number, number>(), new Map<number, number>(), new Map<string, number>()];
  for (let i = 0; i < count; i++) {
    increment(ofA, a[i]);
    increment(ofB, b[i]);
    increment(ofBoth, `${a[i]} ${b[i]}`);
  }
  const [pairsA, pairsB, together] = [pairsWithin(ofA), pairsWithin(ofB), pairsWithin(ofBoth)];
  const expected = (pairsA * pairsB) / pairsOf(count);
  const most = (pairsA + pairsB) / 2;
  // One cell in both, or only cells of one sample in both: the same partition.
  return most === expected ? 1 : (together - expected) / (most - expected);
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function pairsWithin(sizes: ReadonlyMap<unknown, number>): number {
  return [...sizes.values()].reduce((sum, size) => sum + pairsOf(size), 0);
}

function pairsOf(count: number): number {
  return (count * (count - 1)) / 2;
}
