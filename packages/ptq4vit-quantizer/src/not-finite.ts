import { QueeError } from "@quee/core";

/** The error of values that overflow, or of a network that computes NaN. */
export function notFinite(where: string, got: string): QueeError {
  return new QueeError({ code: "E_NOT_FINITE", kind: "numeric", where, expected: "finite values", got });
}
