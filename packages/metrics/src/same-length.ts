import { QueeError } from "@quee/core";

/** Number of samples of arrays that run side by side. */
export function sameLength(arrays: Readonly<Record<string, ArrayLike<unknown>>>): number {
  const [[firstName, first], ...others] = Object.entries(arrays);
  for (const [name, array] of others) {
    if (array.length === first.length) continue;
    throw new QueeError({
      code: "E_SAMPLE_COUNT",
      kind: "internal",
      where: name,
      expected: `${first.length} samples, as ${firstName} has`,
      got: String(array.length),
    });
  }
  return first.length;
}
