import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { QueeError } from "@quee/core";
import { errnoOf, fileError } from "./file-errors.js";

/** Bytes that lie somewhere and are read where they are needed. */
export interface ByteSource {
  /** What errors call it: the path of a file. */
  readonly name: string;
  readonly length: number;
  /** What a person can do where the bytes are not what they should be. */
  readonly hint?: string;
  /** A copy of bytes `at` … `at + length − 1`, at offset 0 of its buffer. @throws QueeError where they do not all exist */
  read(at: number, length: number): Uint8Array;
}

/**
 * A file to read pieces of, at once and without waiting. It is open only while a piece is read, so that a table of thousands of
 * files needs no thousands of handles. Nothing is verified: the format of what is read has its own digests.
 */
export function openByteSource(name: string): ByteSource {
  return {
    name,
    length: withFile(name, (handle) => fstatSync(handle).size),
    read: (at, length) => {
      const bytes = new Uint8Array(length);
      const got = withFile(name, (handle) => readAll(handle, bytes, at));
      if (got === length) return bytes;
      throw shorter(name, at, length, got);
    },
  };
}

/** Bytes in memory. */
export function byteSourceOf(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    length: bytes.length,
    read: (at, length) => {
      // Not `slice`, which shares memory where the bytes are a Buffer.
      const piece = new Uint8Array(bytes.subarray(at, at + length));
      if (piece.length === length) return piece;
      throw shorter(name, at, length, piece.length);
    },
  };
}

function withFile<T>(name: string, act: (handle: number) => T): T {
  try {
    const handle = openSync(name, "r");
    try {
      return act(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileError(name, "read it", error, errnoOf(error) === "ENOENT" ? "artifact" : "environment");
  }
}

/** The system may read less than it was asked to. @returns bytes read, fewer only at the end of the file */
function readAll(handle: number, into: Uint8Array, at: number): number {
  let done = 0;
  while (done < into.length) {
    const got = readSync(handle, into, done, into.length - done, at + done);
    if (got === 0) break;
    done += got;
  }
  return done;
}

function shorter(file: string, at: number, length: number, got: number): QueeError {
  const where = `bytes from ${at}`;
  return new QueeError({ code: "E_FILE_CORRUPT", kind: "artifact", file, where, expected: `${length}`, got: `${got}` });
}
