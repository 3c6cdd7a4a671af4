import { type Bits, costOf, nextLevels, type Path, type PathSpace, pathKey, QueeError } from "@quee/core";
import type { ChoiceOptions } from "./choices.js";

export interface FirstBitsOptions extends Pick<ChoiceOptions, "costs" | "counted" | "maxCost"> {
  readonly space: PathSpace;
  /** Where the first gate sends everything. Default: the most bits (QuEE, section 5.1). */
  readonly firstBits?: Bits;
}

/**
 * The path of block 1 that every image takes. The first gate sees nothing (equation 7), so its choice is one for all. Refuses
 * a level that the space does not allow, and one that alone costs more than any image may.
 */
export function firstStep({ space, firstBits, costs, counted = costs, maxCost }: FirstBitsOptions): Path {
  const levels = nextLevels([], space);
  const chosen = firstBits ?? levels[0];
  if (chosen === undefined) throw configError("space.levels", "at least one", "none");
  if (!levels.includes(chosen)) throw configError("firstBits", `one of ${levels.join(", ")}`, String(chosen));
  const step = [chosen];
  if (maxCost !== undefined && costOf(counted, step) > maxCost) {
    throw configError(
      "maxCost",
      `at least the cost of path ${pathKey(step)}, ${costOf(counted, step)}`,
      String(maxCost),
    );
  }
  return step;
}

function configError(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_FIRST_BLOCK", kind: "config", where, expected, got });
}
