import { closeSync, openSync, readSync, statSync } from "node:fs";
import { type ErrorFacts, QueeError } from "@quee/core";
import { otherFileKind } from "./file-kind.js";

/** Records [from, from + count) of a file; to its end without `count`. */
export interface RecordRange {
  readonly from: number;
  readonly count: number | undefined;
}

interface Layout {
  readonly recordBytes: number;
  readonly name: string;
}

/**
 * Reads one range of a file of fixed-size records, and nothing else of it but its first bytes.
 * @returns count · recordBytes bytes
 */
export function readRecords(file: string, range: RecordRange, layout: Layout): Uint8Array {
  const size = sizeOfFile(file);
  const handle = attempt(file, () => openSync(file, "r"));
  try {
    checkContents(file, size, readBytes(handle, file, 0, Math.min(size, 256)), layout);
    const records = size / layout.recordBytes;
    const { from, count = records - from } = range;
    if (from + count > records || count < 1) {
      throw invalid({
        code: "E_DATA_RANGE",
        file,
        where: "range of records",
        expected: `a range within its ${records} records`,
        got: range.count === undefined ? `from ${from}` : `from ${from}, count ${count}`,
      });
    }
    return readBytes(handle, file, from * layout.recordBytes, count * layout.recordBytes);
  } finally {
    closeSync(handle);
  }
}

/** Asked before opening: to open a pipe would wait for a writer. */
function sizeOfFile(file: string): number {
  const facts = attempt(file, () => statSync(file));
  if (facts.isFile()) return facts.size;
  const got = facts.isDirectory() ? "a folder" : "something that is no regular file";
  throw invalid({ code: "E_DATA_FORMAT", file, expected: "a file", got });
}

function checkContents(file: string, size: number, head: Uint8Array, { recordBytes, name }: Layout): void {
  const expected = `${name} records of ${recordBytes} bytes`;
  if (size === 0) throw invalid({ code: "E_DATA_EMPTY", file, expected, got: "an empty file" });
  const kind = otherFileKind(head);
  if (kind !== null) throw invalid({ code: "E_DATA_FORMAT", file, expected, ...kind });
  const remainder = size % recordBytes;
  if (remainder === 0) return;
  throw invalid({
    code: "E_DATA_SIZE",
    file,
    expected: `a size that is a multiple of ${recordBytes} bytes (${name})`,
    got: `${size} bytes: ${Math.floor(size / recordBytes)} records and ${remainder} bytes`,
    hint:
      size % 3074 === 0
        ? "Its size is that of CIFAR-100 (3074 bytes a record)"
        : "It is cut off or not of this layout; fetch it again",
  });
}

function readBytes(handle: number, file: string, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const bytesRead = attempt(file, () => readSync(handle, bytes, done, length - done, position + done));
    if (bytesRead === 0) {
      throw invalid({
        code: "E_DATA_SIZE",
        file,
        where: `byte ${position + done}`,
        expected: `${length - done} more bytes`,
        got: "the end of the file",
        hint: "It changed while it was read",
      });
    }
    done += bytesRead;
  }
  return bytes;
}

/** What the file system refuses is either not there (input) or not to be had (environment). */
export function attempt<Result>(file: string, act: () => Result): Result {
  try {
    return act();
  } catch (cause) {
    throw cannotRead(file, cause);
  }
}

function cannotRead(file: string, cause: unknown): QueeError {
  const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
  if (reason === "ENOENT" || reason === "ENOTDIR") {
    return invalid({
      code: "E_DATA_MISSING",
      file,
      expected: "a data file",
      got: "nothing there",
      hint: "Put the publisher's binary files there, or name another data folder",
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

function invalid(facts: Omit<ErrorFacts, "kind">): QueeError {
  return new QueeError({ ...facts, kind: "input" });
}
