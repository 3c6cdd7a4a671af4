import { pathKey, type SplitRole } from "@quee/core";
import { encodeTablePart, openTableParts, type PathTable, takeSamples } from "@quee/path-tables";

export interface StoredCopy<Role extends SplitRole> {
  /** Refuses to give a whole column. */
  readonly table: PathTable<Role>;
  /** The most rows that were asked for at once. */
  readonly mostRows: () => number;
}

/** The same table in parts of `size` samples, of which nothing stays in memory. */
export function storedCopy<Role extends SplitRole>(given: PathTable<Role>, size: number): StoredCopy<Role> {
  const sources = Array.from({ length: Math.ceil(given.count / size) }, (_, part) => {
    const from = part * size;
    const samples = Array.from({ length: Math.min(size, given.count - from) }, (_, i) => from + i);
    const bytes = Buffer.concat(
      encodeTablePart(takeSamples(given, samples), { from, featurePaths: given.paths }).map((piece) => piece.slice()),
    );
    return { name: `part ${part}`, length: bytes.length, read: (at: number, n: number) => copyOf(bytes, at, n) };
  });
  const stored = openTableParts(sources, given.role, { cacheBytes: 0 });
  let most = 0;
  const counted = <Asked extends readonly [unknown, ArrayLike<number>], Result>(read: (...asked: Asked) => Result) => {
    return (...asked: Asked) => {
      most = Math.max(most, asked[1].length);
      return read(...asked);
    };
  };
  const refuse = (path: Parameters<typeof pathKey>[0]): never => {
    throw new Error(`asked for all of ${pathKey(path)}`);
  };
  const table: PathTable<Role> = {
    ...stored,
    probabilities: refuse,
    exitFeatures: refuse,
    rows: counted(stored.rows),
    exitFeatureRows: counted(stored.exitFeatureRows as NonNullable<PathTable["exitFeatureRows"]>),
  };
  return { table, mostRows: () => most };
}

function copyOf(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return new Uint8Array(bytes.subarray(at, at + length));
}
