/** Keeps what was used last, up to a number of bytes. */
export interface BoundedCache {
  /** What is kept under `key`, or `make()`, which is kept where it fits at all. */
  get(key: string, make: () => Float32Array): Float32Array;
  has(key: string): boolean;
}

export function boundedCache(mostBytes: number): BoundedCache {
  // A Map goes in the order of insertion: what is used goes to the end, so that the first has rested longest.
  const kept = new Map<string, Float32Array>();
  let bytes = 0;
  const drop = (key: string, { byteLength }: Float32Array) => {
    kept.delete(key);
    bytes -= byteLength;
  };
  return {
    has: (key) => kept.has(key),
    get(key, make) {
      const found = kept.get(key);
      if (found !== undefined) {
        kept.delete(key);
        kept.set(key, found);
        return found;
      }
      const made = make();
      if (made.byteLength > mostBytes) return made;
      for (const [oldest, values] of kept) {
        if (bytes + made.byteLength <= mostBytes) break;
        drop(oldest, values);
      }
      kept.set(key, made);
      bytes += made.byteLength;
      return made;
    },
  };
}
