import { open } from "node:fs/promises";
import { type ErrorKind, QueeError } from "@quee/core";
import { errnoOf, fileError } from "./file-errors.js";
import { type FileDigest, sha256, sha256OfFile } from "./sha256.js";

export interface ReadOptions {
  /** What the file must be; it is compared while reading. */
  readonly digest?: FileDigest;
  /** A larger file is refused before it is read. */
  readonly maxBytes?: number;
  /** Kind of the error where the file is absent or not what it should be. */
  readonly kind?: ErrorKind;
  /** What a person can do about a file that is not what it should be. */
  readonly hint?: string;
}

/** The bytes of a regular file, verified. Nothing is allocated before the length is known to be right. */
export async function readFileChecked(file: string, options: ReadOptions = {}): Promise<Uint8Array> {
  const kind = options.kind ?? "artifact";
  try {
    const handle = await open(file, "r");
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw unfit(file, "a regular file", "something else", options);
      if (options.digest !== undefined) expectBytes(file, stat.size, options.digest.bytes, options);
      if (stat.size > (options.maxBytes ?? Number.POSITIVE_INFINITY)) {
        throw unfit(file, `at most ${options.maxBytes} bytes`, `${stat.size} bytes`, options);
      }
      const bytes = await handle.readFile();
      if (options.digest !== undefined) {
        expectBytes(file, bytes.byteLength, options.digest.bytes, options);
        expectSha256(file, sha256(bytes), options.digest.sha256, options);
      }
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(file, "read it", error, errnoOf(error) === "ENOENT" ? kind : "environment");
  }
}

/** Verifies a file without holding it in memory: for what another library opens by its path. */
export async function verifyFile(file: string, digest: FileDigest, options: ReadOptions = {}): Promise<void> {
  const actual = await sha256OfFile(file);
  expectBytes(file, actual.bytes, digest.bytes, options);
  expectSha256(file, actual.sha256, digest.sha256, options);
}

function expectBytes(file: string, got: number, expected: number, options: ReadOptions): void {
  if (got !== expected) throw unfit(file, `${expected} bytes`, `${got} bytes`, options);
}

function expectSha256(file: string, got: string, expected: string, options: ReadOptions): void {
  if (got !== expected) throw unfit(file, `sha256 ${expected}`, got, options);
}

function unfit(file: string, expected: string, got: string, { kind = "artifact", hint }: ReadOptions): QueeError {
  return new QueeError({ code: "E_FILE_CORRUPT", kind, file, expected, got, ...(hint === undefined ? {} : { hint }) });
}
