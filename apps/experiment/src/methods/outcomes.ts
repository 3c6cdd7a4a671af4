import { type Outcomes, outcomesSchemaVersion } from "@quee/report";
import type { ChosenPoint } from "./chosen-points.js";

/** Which test images each point has right, for comparing runs. @param curves by method, then by seed */
export function outcomesOf(
  testImages: string,
  count: number,
  curves: readonly { readonly method: string; readonly bySeed: readonly (readonly ChosenPoint[])[] }[],
): Outcomes {
  return {
    schemaVersion: outcomesSchemaVersion,
    testImages,
    count,
    curves: curves.map(({ method, bySeed }) => ({
      method,
      bySeed: bySeed.map((points) =>
        points.map(({ setting, cost, correct }) => ({ setting, cost, right: packBits(correct) })),
      ),
    })),
  };
}

/** Ones and zeros as bits, the first in the lowest bit of the first byte, in Base64. */
export function packBits(ones: ArrayLike<number>): string {
  const bytes = new Uint8Array(Math.ceil(ones.length / 8));
  for (let i = 0; i < ones.length; i++) if (ones[i] === 1) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
  return Buffer.from(bytes).toString("base64");
}

/** @param count how many there were; null where the bits are fewer or more */
export function unpackBits(text: string, count: number): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== Math.ceil(count / 8)) return null;
  return Uint8Array.from({ length: count }, (_, i) => ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1);
}
