import { join } from "node:path";
import { QueeError } from "@quee/core";
import type { ZodType } from "zod";
import { type ByteSource, openByteSource } from "./byte-source.js";
import { readFileChecked, verifyFile } from "./checked-read.js";
import { parseJson } from "./json-files.js";
import type { FileDigest } from "./sha256.js";
import type { StageKey } from "./stage-key.js";
import { readManifest, type StageManifest } from "./stage-manifest.js";

/** A finished result of a stage. Every read compares length and SHA-256 with the manifest. */
export interface StageEntry {
  readonly key: StageKey;
  readonly directory: string;
  /** SHA-256 over the names and contents of all files: later stages key on it, not on how it came about. */
  readonly fingerprint: string;
  readonly files: ReadonlyMap<string, FileDigest>;
  read(name: string): Promise<Uint8Array>;
  readJson<T>(name: string, schema: ZodType<T>): Promise<T>;
  /** The verified path of a file, for a library that opens files itself. */
  pathOf(name: string): Promise<string>;
  /** Pieces of a file whose format has digests of its own: here only its length is compared. */
  openPieces(name: string): ByteSource;
  /** Reads every file once and verifies it. */
  verify(): Promise<void>;
}

/** @throws QueeError of kind artifact where the entry is not what its manifest says, with the way to rebuild it */
export async function openStageEntry(directory: string, key: StageKey): Promise<StageEntry> {
  const manifest = await withRemedy(directory, () => readManifest(directory, key));
  return entryOf(directory, key, manifest);
}

function entryOf(directory: string, key: StageKey, manifest: StageManifest): StageEntry {
  const files: ReadonlyMap<string, FileDigest> = new Map(Object.entries(manifest.files));
  const digestOf = (name: string): FileDigest => {
    const digest = files.get(name);
    if (digest !== undefined) return digest;
    const names = [...files.keys()].join(", ");
    throw new QueeError({
      code: "E_ARTIFACT_NAME",
      kind: "internal",
      file: directory,
      where: `stage ${key.stage}`,
      expected: `one of ${names}`,
      got: name,
    });
  };
  const read = async (name: string): Promise<Uint8Array> => {
    const digest = digestOf(name);
    return withRemedy(directory, () => readFileChecked(join(directory, name), { digest }));
  };
  const pathOf = async (name: string): Promise<string> => {
    const digest = digestOf(name);
    const file = join(directory, name);
    await withRemedy(directory, () => verifyFile(file, digest));
    return file;
  };
  return {
    key,
    directory,
    fingerprint: manifest.fingerprint,
    files,
    read,
    readJson: async (name, schema) => {
      const bytes = await read(name);
      return withRemedy(directory, async () => parseJson(bytes, schema, { file: join(directory, name) }));
    },
    pathOf,
    openPieces: (name) => {
      const { bytes } = digestOf(name);
      const source = openByteSource(join(directory, name));
      if (source.length === bytes) return { ...source, hint: remedy(directory) };
      throw otherLength(directory, source, bytes);
    },
    verify: async () => {
      for (const name of files.keys()) await pathOf(name);
    },
  };
}

function otherLength(directory: string, { name, length }: ByteSource, expected: number): QueeError {
  return new QueeError({
    code: "E_FILE_CORRUPT",
    kind: "artifact",
    file: name,
    expected: `${expected} bytes`,
    got: `${length} bytes`,
    hint: remedy(directory),
  });
}

function remedy(directory: string): string {
  return `Delete ${directory} and run again: only this stage is made anew`;
}

/** Adds to an error about a corrupt artifact how to make it anew. */
async function withRemedy<T>(directory: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof QueeError) || error.kind !== "artifact") throw error;
    const { code, kind, file, where, expected, got } = error;
    throw new QueeError({
      code,
      kind,
      ...(file === undefined ? {} : { file }),
      ...(where === undefined ? {} : { where }),
      expected,
      got,
      hint: remedy(directory),
      cause: error,
    });
  }
}
