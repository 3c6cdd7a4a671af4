import { QueeError } from "@quee/core";

/** An option that nothing can be made of. */
export function badOption(where: string, expected: string, got: string | number): QueeError {
  return new QueeError({ code: "E_CLUSTERING_OPTION", kind: "config", where, expected, got: String(got) });
}

/** A table without paths or samples where something is to be counted. */
export function emptyTable(where: string): QueeError {
  return new QueeError({
    code: "E_TABLE_EMPTY",
    kind: "input",
    where,
    expected: "at least one path and one sample",
    got: "none",
  });
}

/** Something that was fitted on other paths. */
export function missingPath(where: string, expected: string): QueeError {
  return new QueeError({ code: "E_TARGETS_MISSING", kind: "internal", where, expected, got: "none" });
}
