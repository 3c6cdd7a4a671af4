import type { Path } from "@quee/core";
import type { Tensor } from "@quee/tensor";
import { encodePath, type PathEncoding, pathEncodingWidth } from "../encode-path.js";

/** The λ that a network was trained for; its input is where log λ lies among them. */
export interface LambdaRange {
  readonly lowest: number;
  readonly highest: number;
}

/** Beyond the range its ends answer: below it cost hardly counts, above it everything exits. */
export function withinRange(lambda: number, { lowest, highest }: LambdaRange): number {
  return Math.min(Math.max(lambda, lowest), highest);
}

/** Width of an encoded step for E exits: p of its path, and λ. */
export function stepEncodingWidth(exitCount: number): number {
  return pathEncodingWidth(exitCount) + 1;
}

/**
 * Every step at every λ: equation 14 of the path behind the step, which is the prefix where it exits, and log λ as −1 … 1.
 * Steps outside, λ inside. @returns [steps · λ, E + 2]
 */
export function encodeSteps(
  paths: readonly Path[],
  lambdas: readonly number[],
  range: LambdaRange,
  encoding: PathEncoding,
): Tensor {
  const rows = paths.flatMap((path) => {
    const encoded = encodePath(path, encoding);
    return lambdas.map((lambda) => [...encoded, logPlace(lambda, range)]);
  });
  return { shape: [rows.length, stepEncodingWidth(encoding.exitCount)], data: Float32Array.from(rows.flat()) };
}

function logPlace(lambda: number, { lowest, highest }: LambdaRange): number {
  if (lowest === highest) return 0;
  return (2 * Math.log(lambda / lowest)) / Math.log(highest / lowest) - 1;
}
