import type { ByteSource } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import type { Place } from "./table-problem.js";

/** A file that is no part of a path table, or not the one that it should be. */
export function unfitTable(problem: Place, { name, hint }: ByteSource, cause?: unknown): QueeError {
  return new QueeError({
    ...{ code: "E_PATH_TABLE", kind: "artifact", file: name, ...problem },
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
