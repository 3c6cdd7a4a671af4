import type { Bits, Path } from "@quee/core";
import { type Tensor, tensor } from "@quee/tensor";

/** An image under way. */
export interface Traveller {
  readonly image: number;
  readonly path: Path;
  /** p̂ [K] of every exit passed, oldest first. */
  readonly history: readonly Float32Array[];
  /** What the heads of the exits passed have read, [D] each; empty where nobody asked for it. */
  readonly exitFeatures: readonly Float32Array[];
  /** What the next block takes in, without the batch axis; null before block 1 and behind the last block. */
  readonly hidden: Tensor | null;
}

/** A traveller before block 1. */
export function departing(image: number): Traveller {
  return { image, path: [], history: [], exitFeatures: [], hidden: null };
}

/** A traveller and the bits of its next block. */
export interface Departure {
  readonly traveller: Traveller;
  readonly bits: Bits;
}

/** Images that go through one model together; they may have come different ways. */
export interface Batch {
  readonly bits: Bits;
  readonly travellers: readonly Traveller[];
}

/** Regroups survivors by the model they need next, in the order of images, at most `batchSize` together. */
export function regroup(departures: readonly Departure[], batchSize: number): readonly Batch[] {
  const byBits = groupBy(departures, ({ bits }) => bits);
  const descending = [...byBits].sort(([a], [b]) => b - a);
  return descending.flatMap(([bits, group]) => {
    const travellers = group.map(({ traveller }) => traveller).sort((a, b) => a.image - b.image);
    return Array.from({ length: Math.ceil(travellers.length / batchSize) }, (_, i) => ({
      bits,
      travellers: travellers.slice(i * batchSize, (i + 1) * batchSize),
    }));
  });
}

/** An array to fill. */
export type Allocate = (length: number) => Float32Array;
const allocateNew: Allocate = (length) => new Float32Array(length);

/** Copies rows one behind the other. @param rows n of [width] @returns [n, width] */
export function stackRows(rows: readonly Float32Array[], allocate = allocateNew): Float32Array {
  const [first] = rows;
  const all = allocate(rows.length * first.length);
  for (const [i, row] of rows.entries()) all.set(row, i * first.length);
  return all;
}

/** Puts rows together. @param rows each [T, D] @returns [n, T, D] */
export function stack(rows: readonly Tensor[], allocate = allocateNew): Tensor {
  const data = stackRows(
    rows.map((row) => row.data),
    allocate,
  );
  return tensor([rows.length, ...rows[0].shape], data);
}

/** Row `i`, not copied: the batch lives as long as a survivor of it. @param batch [n, T, D] @returns [T, D] */
export function rowOf({ shape, data }: Tensor, i: number): Tensor {
  const size = data.length / shape[0];
  return { shape: shape.slice(1), data: data.subarray(i * size, (i + 1) * size) };
}

/** Groups in the order of their first members. */
export function groupBy<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
