import { randomUUID } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Content, syncDirectory, writeDurably } from "./durable-write.js";
import { fileError } from "./file-errors.js";
import type { FileDigest } from "./sha256.js";

const temporaryName = /^\..+\.[0-9a-f-]{36}\.tmp$/;

/** A new name beside `file`, which `sweepTemporaryFiles` knows. */
export function temporaryBeside(file: string): string {
  return join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
}

/**
 * Puts `content` at `file`: a reader, and a machine that loses power at any moment, sees the old file or the new one,
 * never a part. Temporary file in the same directory → write all → fsync → rename → fsync of the directory.
 * @throws QueeError of kind environment that names the file and what the system said; no temporary file stays behind
 */
export async function writeFileAtomically(file: string, content: Content): Promise<FileDigest> {
  const directory = dirname(file);
  const temporary = temporaryBeside(file);
  try {
    const digest = await writeDurably(temporary, content, { errorFile: file });
    await rename(temporary, file);
    await syncDirectory(directory);
    return digest;
  } catch (error) {
    // What went wrong first is what the caller must hear of; the next start sweeps what cannot be removed now.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw fileError(file, "put the finished file in place", error);
  }
}

/** Removes the temporary files that killed runs left in `directory`. Only the holder of the directory's lock may. */
export async function sweepTemporaryFiles(directory: string): Promise<readonly string[]> {
  try {
    const stale = (await readdir(directory)).filter((name) => temporaryName.test(name)).sort();
    for (const name of stale) await rm(join(directory, name), { force: true });
    return stale;
  } catch (error) {
    throw fileError(directory, "list and clean the folder", error);
  }
}
