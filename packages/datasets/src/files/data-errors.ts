import { type ErrorFacts, QueeError } from "@quee/core";

/** An error of what a data file holds. */
export function invalidData(facts: Omit<ErrorFacts, "kind">): QueeError {
  return new QueeError({ ...facts, kind: "input" });
}

/** What the file system refuses is either not there (input) or not to be had (environment). */
export async function attempt<Result>(file: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

export function cannotRead(file: string, cause: unknown): QueeError {
  if (cause instanceof QueeError) return cause;
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (reason === "ENOENT" || reason === "ENOTDIR") {
    return invalidData({
      code: "E_DATA_MISSING",
      file,
      expected: "a data file",
      got: "nothing there",
      hint: "Put the publisher's files there, or name another data folder",
      cause,
    });
  }
  return new QueeError({
    code: "E_DATA_UNREADABLE",
    kind: "environment",
    file,
    expected: "a readable file",
    got: reason,
    cause,
  });
}
