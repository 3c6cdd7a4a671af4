/** 0 … count − 1 in order, in pieces: a table of 50,000 samples and 35 paths has features of several GB. */
export function* inPieces(count: number, size: number): Generator<Int32Array> {
  for (let from = 0; from < count; from += size) {
    yield Int32Array.from({ length: Math.min(size, count - from) }, (_, i) => from + i);
  }
}
