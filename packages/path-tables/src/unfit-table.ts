import { QueeError } from "@quee/core";
import type { Place } from "./table-problem.js";

/** A file that is no part of a path table, or not the one that it should be. */
export function unfitTable(problem: Place, file: string, cause?: unknown): QueeError {
  return new QueeError({
    ...{ code: "E_PATH_TABLE", kind: "artifact", file, ...problem },
    ...(cause === undefined ? {} : { cause }),
  });
}
