import { join } from "node:path";
import { QueeError } from "@quee/core";
import { z } from "zod";
import { canonicalJson } from "./canonical-json.js";
import { readFileChecked } from "./checked-read.js";
import { parseJson } from "./json-files.js";
import { type FileDigest, sha256 } from "./sha256.js";
import type { StageKey } from "./stage-key.js";

export const manifestName = "manifest.json";
export const manifestSchemaVersion = 1;

const hex = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");
const versionSchema = z.looseObject({ schemaVersion: z.number().int() });
const manifestSchema = z.strictObject({
  schemaVersion: z.literal(manifestSchemaVersion),
  stage: z.string(),
  key: hex,
  files: z.record(z.string(), z.strictObject({ bytes: z.number().int().nonnegative(), sha256: hex })),
  /** SHA-256 of `files`: what a later stage keys on, and the check of this file itself. */
  fingerprint: hex,
});

export type StageManifest = z.infer<typeof manifestSchema>;

export function makeManifest(key: StageKey, files: ReadonlyMap<string, FileDigest>): StageManifest {
  const record = Object.fromEntries(files);
  return {
    schemaVersion: manifestSchemaVersion,
    stage: key.stage,
    key: key.hash,
    files: record,
    fingerprint: sha256(canonicalJson(record)),
  };
}

export function manifestText(manifest: StageManifest): string {
  return `${canonicalJson(manifest, { mode: "exact", layout: "lines" })}\n`;
}

/**
 * Reads and verifies the manifest of an entry. It has exactly one legal text for its content and a hash over its files, so
 * any changed byte is found.
 */
export async function readManifest(directory: string, key: StageKey): Promise<StageManifest> {
  const file = join(directory, manifestName);
  const bytes = await readFileChecked(file);
  const { schemaVersion } = parseJson(bytes, versionSchema, { file });
  if (schemaVersion !== manifestSchemaVersion) {
    throw corrupt(file, "schemaVersion", String(manifestSchemaVersion), `a file of version ${schemaVersion}`);
  }
  const manifest = parseJson(bytes, manifestSchema, { file });
  expectSame(file, "stage", key.stage, manifest.stage);
  expectSame(file, "key", key.hash, manifest.key);
  const files = new Map(Object.entries(manifest.files));
  expectSame(file, "fingerprint", makeManifest(key, files).fingerprint, manifest.fingerprint);
  const text = manifestText(manifest);
  expectSame(file, "bytes", `sha256 ${sha256(text)}`, `sha256 ${sha256(bytes)}`);
  return manifest;
}

function expectSame(file: string, where: string, expected: string, got: string): void {
  if (got !== expected) throw corrupt(file, where, expected, got);
}

function corrupt(file: string, where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_ARTIFACT_CORRUPT", kind: "artifact", file, where, expected, got });
}
