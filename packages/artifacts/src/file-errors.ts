import { type ErrorKind, QueeError } from "@quee/core";

interface Meaning {
  readonly code: string;
  readonly hint: string;
}

const permission: Meaning = {
  code: "E_FILE_PERMISSION",
  hint: "Check who owns the folder and whether it is read-only",
};
const space: Meaning = { code: "E_DISK_FULL", hint: "Free some space and run the same command again" };
const handles: Meaning = { code: "E_TOO_MANY_FILES", hint: "Raise the limit of open files (ulimit -n)" };
const shape: Meaning = { code: "E_FILE_SHAPE", hint: "A file stands where a folder is needed, or the reverse" };

const meanings: ReadonlyMap<string, Meaning> = new Map([
  ["ENOSPC", space],
  ["EDQUOT", space],
  ["EFBIG", space],
  ["EACCES", permission],
  ["EPERM", permission],
  ["EROFS", permission],
  ["EMFILE", handles],
  ["ENFILE", handles],
  ["EISDIR", shape],
  ["ENOTDIR", shape],
  ["EEXIST", shape],
  ["ENOENT", { code: "E_FILE_MISSING", hint: "Does the folder still exist?" }],
]);

/** The operating system's name of a failure, e.g. `ENOSPC`; null where `error` is not one of its failures. */
export function errnoOf(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || !("errno" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/**
 * A failure of the operating system as a QueeError that names the file; whatever else `cause` is passes through unchanged.
 * @param doing what was tried, after "expected to", e.g. `write 512 bytes`
 */
export function fileError(file: string, doing: string, cause: unknown, kind: ErrorKind = "environment"): unknown {
  const errno = errnoOf(cause);
  if (errno === null) return cause;
  const meaning = meanings.get(errno) ?? { code: "E_FILE_IO", hint: "Check the disk and run the same command again" };
  return new QueeError({
    code: meaning.code,
    kind,
    file,
    expected: `to ${doing}`,
    got: `${errno} (${systemSentence(cause)})`,
    hint: meaning.hint,
    cause,
  });
}

/** `no space left on device` of Node's `ENOSPC: no space left on device, write`. */
function systemSentence(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return /^[A-Z0-9]+: ([^,]*)/.exec(message)?.[1] ?? message;
}
