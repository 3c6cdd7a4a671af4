import type { ErrorKind } from "@quee/core";

/** What the process says when it ends. 130 and 143 are for SIGINT and SIGTERM. */
export const exitCodes: { readonly [Kind in ErrorKind]: number } = {
  internal: 1,
  usage: 2,
  config: 3,
  input: 4,
  environment: 5,
  busy: 6,
  artifact: 7,
  numeric: 8,
};
