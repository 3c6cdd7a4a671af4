import { QueeError } from "@quee/core";

/** Cuts numbers into runs of at most `size`, in order. */
export function chunksOf(numbers: Int32Array, size: number): readonly Int32Array[] {
  return Array.from({ length: Math.ceil(numbers.length / size) }, (_, i) => numbers.subarray(i * size, (i + 1) * size));
}

/** 0 … count − 1 */
export function firstNumbers(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

/** A batch or window holds at least one image. */
export function assertSize(name: string, size: number): void {
  if (Number.isInteger(size) && size >= 1) return;
  const expected = "a whole number above 0";
  throw new QueeError({ code: "E_BATCH_SIZE", kind: "config", where: name, expected, got: String(size) });
}
