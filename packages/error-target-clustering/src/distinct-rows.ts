import type { Tensor } from "@quee/tensor";

/** For each row the number of its value: equal rows share one. 0, 1, … in order of first appearance. */
export interface DistinctRows {
  readonly count: number;
  /** [N] */
  readonly ids: Int32Array;
}

/** @param points [N, K] */
export function distinctRows({ shape: [rows, width], data }: Tensor): DistinctRows {
  // Adding 0 makes −0 the 0 that it equals; the bits of equal numbers are then equal.
  const bits = new Uint32Array(data.map((value) => value + 0).buffer);
  const firstsOfHash = new Map<number, number[]>();
  const ids = new Int32Array(rows);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const hash = hashOf(bits, row * width, width);
    const firsts = firstsOfHash.get(hash) ?? [];
    const twin = firsts.find((first) => areEqual(bits, first * width, row * width, width));
    ids[row] = twin === undefined ? count++ : ids[twin];
    if (twin === undefined) firstsOfHash.set(hash, [...firsts, row]);
  }
  return { count, ids };
}

/** FNV-1a over words. */
function hashOf(words: Uint32Array, at: number, length: number): number {
  let hash = 0x811c9dc5;
  for (let i = at; i < at + length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
  return hash;
}

function areEqual(words: Uint32Array, a: number, b: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (words[a + i] !== words[b + i]) return false;
  return true;
}
