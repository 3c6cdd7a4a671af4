import type { Path, PathSpace } from "@quee/core";
import type { Tensor } from "@quee/tensor";

export interface PathEncoding {
  /** E */
  readonly exitCount: number;
  /** b_max */
  readonly maxBits: number;
}

/** Width of p for E exits. */
export function pathEncodingWidth(exitCount: number): number {
  return exitCount + 1;
}

/**
 * p = [b₁, …, b_e, 0, …, 0, e]. QuEE (arXiv 2406.14404), equation 14. Bits are divided by b_max and e by E: the network can
 * express the same functions, and starts with inputs of the size of the others.
 * @returns [E + 1], each in [0, 1]
 */
export function encodePath(path: Path, { exitCount, maxBits }: PathEncoding): Float32Array {
  const encoded = new Float32Array(pathEncodingWidth(exitCount));
  path.forEach((level, block) => {
    encoded[block] = level / maxBits;
  });
  encoded[exitCount] = path.length / exitCount;
  return encoded;
}

export function encodingOf({ exitCount, levels }: PathSpace): PathEncoding {
  return { exitCount, maxBits: Math.max(...levels) };
}

/** @returns [A, E + 1] */
export function encodePaths(paths: readonly Path[], encoding: PathEncoding): Tensor {
  const rows = paths.map((path) => encodePath(path, encoding));
  return { shape: [paths.length, encoding.exitCount + 1], data: Float32Array.from(rows.flatMap((row) => [...row])) };
}
