import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { QueeError } from "@quee/core";
import { temporaryBeside } from "./atomic-write.js";
import { type Content, syncDirectory, syncFolders, writeDurably } from "./durable-write.js";
import { errnoOf, fileError } from "./file-errors.js";
import type { FileDigest } from "./sha256.js";

/** A folder that is being made, under a name that nobody knows. */
export interface FolderDraft {
  /** What was written so far, by name. */
  readonly files: ReadonlyMap<string, FileDigest>;
  /** @param name relative, with `/` between folders; each is written once */
  write(name: string, content: Content): Promise<FileDigest>;
}

/** @throws QueeError of kind usage where `folder` is there and holds anything */
export async function assertEmptyFolder(folder: string): Promise<void> {
  const names = await namesIn(folder);
  if (names === null || names.length === 0) return;
  throw new QueeError({
    code: "E_OUT_EXISTS",
    kind: "usage",
    file: folder,
    expected: "a new or empty directory",
    got: "one with files",
    hint: "Choose another directory",
  });
}

/**
 * Makes a folder that is there whole or not at all: written beside it, synced, then renamed. Refuses to replace one that holds
 * anything. A failure of `write` leaves nothing behind.
 */
export async function publishFolder(folder: string, write: (draft: FolderDraft) => Promise<void>): Promise<void> {
  const target = resolve(folder);
  await assertEmptyFolder(folder);
  const draft = temporaryBeside(target);
  const files = new Map<string, FileDigest>();
  try {
    await mkdir(draft, { recursive: true });
    await write({
      files,
      write: async (name, content) => {
        const file = join(draft, ...name.split("/"));
        await mkdir(dirname(file), { recursive: true });
        const digest = await writeDurably(file, content);
        files.set(name, digest);
        return digest;
      },
    });
    await syncFolders(draft, files.keys());
    if ((await namesIn(folder)) !== null) await rmdir(target);
    await rename(draft, target);
    await syncDirectory(dirname(target));
  } catch (error) {
    // What went wrong first is what the caller must hear of.
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    throw fileError(folder, "make the folder", error);
  }
}

/** Names of all files under a folder, with `/` between folders, sorted. Null where it is not there. */
export async function filesUnder(folder: string): Promise<readonly string[] | null> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => !entry.isDirectory())
      .map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, sep).length).replaceAll(sep, "/"));
    return names.sort();
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw fileError(folder, "list the folder", error);
  }
}

/** Null where there is no such folder. */
async function namesIn(folder: string): Promise<readonly string[] | null> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw fileError(folder, "list the folder", error);
  }
}
