import { type ErrorFacts, QueeError } from "@quee/core";
import { ConfigErrors } from "../config/load-config.js";
import { exitCodes } from "./exit-codes.js";

export interface Failure {
  readonly exitCode: number;
  /** For standard error; one line per error. */
  readonly lines: readonly string[];
}

/** Turns whatever was thrown into lines and an exit code. `json` gives the same facts as JSON lines. */
export function describeError(error: unknown, json: boolean): Failure {
  const known =
    error instanceof ConfigErrors ? error.errors : error instanceof QueeError ? [error] : [systemError(error)];
  const facts = known.filter((one) => one !== null);
  const first = facts[0];
  if (first === undefined) return bug(error, json);
  return {
    exitCode: exitCodes[first.kind],
    lines: facts.map((one) =>
      json ? JSON.stringify({ error: factsOf(one) }) : `quee: error[${one.code}]: ${one.message}`,
    ),
  };
}

function factsOf({ code, kind, file, where, expected, got, hint }: ErrorFacts): ErrorFacts {
  return { code, kind, expected, got, ...(file && { file }), ...(where && { where }), ...(hint && { hint }) };
}

/** Errors of the operating system that reached us as they are. */
function systemError(error: unknown): QueeError | null {
  if (!(error instanceof Error) || !("errno" in error) || !("code" in error)) return null;
  const { path } = error as { path?: string };
  return new QueeError({
    code: "E_SYSTEM",
    kind: "environment",
    ...(path === undefined ? {} : { file: path }),
    expected: "to read or write it",
    got: String(error.code),
    cause: error,
  });
}

function bug(error: unknown, json: boolean): Failure {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: exitCodes.internal,
    lines: json
      ? [JSON.stringify({ error: { code: "E_INTERNAL", kind: "internal", expected: "no error", got: text } })]
      : [`quee: error[E_INTERNAL]: this is a bug, please report it:`, ...text.split("\n")],
  };
}
