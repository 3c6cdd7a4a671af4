import { legalPaths, type PathSpace, QueeError } from "@quee/core";
import { bytesInWords } from "../estimate/bytes-in-words.js";
import type { Tables } from "../stages/collect.js";

/**
 * Refuses tables that are larger than memory. A run goes through such tables part by part; analyses deal validation images out at random,
 * hold a path of them at a time, and features of all training images where heads are trained anew, dozens of times: they would not end.
 */
export function assertTablesFit(
  { train, validation, test }: Pick<Tables, "train" | "validation" | "test">,
  space: PathSpace,
  memoryBytes: number,
): void {
  const images = train.count + validation.count + test.count;
  const { classCount } = train;
  const paths = legalPaths(space).length;
  const bytes = 4 * images * paths * classCount;
  if (bytes <= memoryBytes) return;
  const words = (count: number) => count.toLocaleString("en");
  throw new QueeError({
    code: "E_ANALYSE_MEMORY",
    kind: "environment",
    where: "path tables",
    expected: `at most ${bytesInWords(memoryBytes)}`,
    got: `${bytesInWords(bytes)} (${words(images)} images × ${words(paths)} paths × ${words(classCount)} classes × 4 bytes)`,
    hint: "Analyse a run of the same config on fewer images, or say --memory to allow more",
  });
}
