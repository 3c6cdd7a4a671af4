import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { join, sep } from "node:path";
import { errnoOf, fileError } from "./file-errors.js";
import type { FileDigest } from "./sha256.js";

/** What can be written: all at once, or piece by piece where the whole would not fit into memory. */
export type Content = Uint8Array | string | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

export interface DurableOptions {
  /** The name that errors tell, where `file` is a temporary name that nobody knows. */
  readonly errorFile?: string;
  /** Writes into a file or device that exists, from its beginning. */
  readonly existing?: boolean;
}

/**
 * Creates `file`, which must not exist unless asked, and returns when all of `content` has reached the disk. Not atomic: the file is
 * visible while it is written. A failure leaves what was written; the caller removes it.
 */
export async function writeDurably(file: string, content: Content, options: DurableOptions = {}): Promise<FileDigest> {
  let bytes = 0;
  try {
    const handle = await open(file, options.existing === true ? "r+" : "wx");
    try {
      const hash = createHash("sha256");
      for await (const piece of pieces(content)) {
        await writeAll(handle, piece);
        hash.update(piece);
        bytes += piece.byteLength;
      }
      await handle.sync();
      return { bytes, sha256: hash.digest("hex") };
    } finally {
      await handle.close();
    }
  } catch (error) {
    const length = totalBytes(content);
    throw fileError(
      options.errorFile ?? file,
      length === null ? `write after byte ${bytes}` : `write ${length} bytes`,
      error,
    );
  }
}

/** A rename or a new name is on the disk only when its directory is. */
export async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Windows and some network file systems cannot open or sync a directory; they order renames themselves.
    if (["EPERM", "EISDIR", "EINVAL", "ENOTSUP"].includes(errnoOf(error) ?? "")) return;
    throw fileError(directory, "sync the directory", error);
  }
}

/** Syncs every folder under `root` that holds one of the files, deepest first, `root` last. @param names with `/` between folders */
export async function syncFolders(root: string, names: Iterable<string>): Promise<void> {
  const folders = new Set<string>();
  for (const name of names) {
    const parts = name.split("/").slice(0, -1);
    for (let length = parts.length; length > 0; length--) folders.add(parts.slice(0, length).join(sep));
  }
  const deepestFirst = [...folders].sort((a, b) => b.length - a.length);
  for (const folder of [...deepestFirst, "."]) await syncDirectory(join(root, folder));
}

/** The system may write less than it was asked to. */
async function writeAll(handle: FileHandle, piece: Uint8Array): Promise<void> {
  let written = 0;
  while (written < piece.byteLength) {
    written += (await handle.write(piece, written, piece.byteLength - written)).bytesWritten;
  }
}

async function* pieces(content: Content): AsyncIterable<Uint8Array> {
  if (typeof content === "string") yield Buffer.from(content, "utf8");
  else if (content instanceof Uint8Array) yield content;
  else yield* content;
}

function totalBytes(content: Content): number | null {
  if (typeof content === "string") return Buffer.byteLength(content, "utf8");
  return content instanceof Uint8Array ? content.byteLength : null;
}
