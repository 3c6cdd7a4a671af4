import { type ErrorKind, QueeError } from "@quee/core";
import type { ZodType } from "zod";
import { writeFileAtomically } from "./atomic-write.js";
import { canonicalJson } from "./canonical-json.js";
import { type ReadOptions, readFileChecked } from "./checked-read.js";
import { parseWith } from "./schema-issues.js";
import type { FileDigest } from "./sha256.js";

/**
 * The text of a JSON artifact: keys sorted, lines of at most 120 characters where they can be broken, no number that is
 * not finite. The same value gives the same bytes.
 * @throws QueeError of kind internal where `value` does not fit its own schema: what wrote it is wrong
 */
export function jsonText<T>(schema: ZodType<T>, value: T, file: string): string {
  const parsed = parseWith(schema, value, file, "internal");
  return `${canonicalJson(parsed, { mode: "lenient", layout: "lines" })}\n`;
}

/** Writes a JSON artifact atomically. */
export async function writeJson<T>(file: string, schema: ZodType<T>, value: T): Promise<FileDigest> {
  return writeFileAtomically(file, jsonText(schema, value, file));
}

/** Reads a JSON artifact. @throws QueeError of the given kind (artifact unless said) naming the field and what it holds */
export async function readJson<T>(file: string, schema: ZodType<T>, options: ReadOptions = {}): Promise<T> {
  return parseJson(await readFileChecked(file, options), schema, { file, ...options });
}

/** Bytes → value of the schema. */
export function parseJson<T>(
  bytes: Uint8Array,
  schema: ZodType<T>,
  { file, kind = "artifact" }: { readonly file: string; readonly kind?: ErrorKind },
): T {
  const text = decode(bytes, file, kind);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new QueeError({ code: "E_JSON_SYNTAX", kind, file, expected: "JSON", got, cause });
  }
  return parseWith(schema, value, file, kind);
}

function decode(bytes: Uint8Array, file: string, kind: ErrorKind): string {
  try {
    // ignoreBOM keeps the mark in the text, where JSON.parse refuses it: we never write one.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new QueeError({ code: "E_JSON_UTF8", kind, file, expected: "UTF-8 text", got: "other bytes", cause });
  }
}
