import type { Tensor } from "@quee/tensor";

/** For each row the number of its value: equal rows share one. 0, 1, … in order of first appearance. */
export interface DistinctRows {
  readonly count: number;
  /** [N] */
  readonly ids: Int32Array;
}

/** @param points [N, K] */
export function distinctRows({ shape: [rows, width], data }: Tensor): DistinctRows {
  const idOf = new Map<string, number>();
  const ids = new Int32Array(rows);
  for (let r = 0; r < rows; r++) {
    const key = data.subarray(r * width, (r + 1) * width).join();
    const id = idOf.get(key) ?? idOf.size;
    idOf.set(key, id);
    ids[r] = id;
  }
  return { count: idOf.size, ids };
}
