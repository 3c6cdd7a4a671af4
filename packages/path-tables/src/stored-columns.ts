import { type Path, pathKey } from "@quee/core";
import type { BoundedCache } from "./bounded-cache.js";
import { takeRows } from "./rows.js";
import type { StoredPart } from "./table-part.js";

export interface StoredColumnsOptions {
  readonly parts: readonly StoredPart[];
  /** N, of all parts. */
  readonly count: number;
  /** Numbers per sample. */
  readonly width: number;
  /** Keys of the paths that have a column, in the order of the parts. */
  readonly keys: readonly string[];
  /** Column `p` of a part, [n, width]. */
  readonly read: (part: StoredPart, p: number) => Float32Array;
  /** Tells these columns from others in the cache. */
  readonly name: string;
  readonly cache: BoundedCache;
  /** True where the cache has room for all columns of the table. */
  readonly isKeptWhole: boolean;
}

/** One column per path, of the samples of all parts; null of other paths. */
export interface StoredColumns {
  /** [N, width] */
  all(path: Path): Float32Array | null;
  /** [n, width], in the order of `samples` */
  rows(path: Path, samples: ArrayLike<number>): Float32Array | null;
}

export function storedColumns(options: StoredColumnsOptions): StoredColumns {
  const { parts, count, width, keys, read, name, cache, isKeptWhole } = options;
  const columnOf: ReadonlyMap<string, number> = new Map(keys.map((key, p) => [key, p]));
  const wholeKey = (p: number) => `${name} ${p}`;

  const whole = (p: number) =>
    cache.get(wholeKey(p), () => {
      const values = new Float32Array(count * width);
      for (const part of parts) values.set(read(part, p), part.header.from * width);
      return values;
    });

  const some = (p: number, samples: ArrayLike<number>): Float32Array => {
    const values = new Float32Array(samples.length * width);
    let index = -1;
    let column: Float32Array = new Float32Array(0);
    for (let i = 0; i < samples.length; i++) {
      const own = partOf(parts, samples[i], index);
      if (own !== index) {
        index = own;
        column = cache.get(`${wholeKey(p)} ${index}`, () => read(parts[index], p));
      }
      const row = samples[i] - parts[index].header.from;
      values.set(column.subarray(row * width, (row + 1) * width), i * width);
    }
    return values;
  };

  return {
    all: (path) => {
      const p = columnOf.get(pathKey(path));
      return p === undefined ? null : whole(p);
    },
    rows: (path, samples) => {
      const p = columnOf.get(pathKey(path));
      if (p === undefined) return null;
      return isKeptWhole || cache.has(wholeKey(p)) ? takeRows(whole(p), width, samples) : some(p, samples);
    },
  };
}

/** The part that holds a sample: mostly the one that held the sample before. */
function partOf(parts: readonly StoredPart[], sample: number, before: number): number {
  const holds = (index: number) => {
    const { from, count } = parts[index].header;
    return sample >= from && sample < from + count;
  };
  if (before >= 0 && holds(before)) return before;
  let [low, high] = [0, parts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (parts[middle].header.from <= sample) low = middle;
    else high = middle - 1;
  }
  return low;
}
