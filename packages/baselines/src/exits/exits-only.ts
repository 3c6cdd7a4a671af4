import type { PathSpace } from "@quee/core";
import type { Pays } from "../rival/rival.js";

/** The heads of all exits passed, and a rule too small to count. */
export function exitsOnly({ exitCount }: PathSpace): Pays {
  return { heads: "every-exit", gateMacs: Array.from({ length: exitCount - 1 }, () => 0) };
}
