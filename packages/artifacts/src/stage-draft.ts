import { createReadStream } from "node:fs";
import { link, mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QueeError, show } from "@quee/core";
import type { ZodType } from "zod";
import { type Content, syncDirectory, syncFolders, writeDurably } from "./durable-write.js";
import { errnoOf, fileError } from "./file-errors.js";
import { jsonText } from "./json-files.js";
import type { FileDigest } from "./sha256.js";
import type { StageEntry } from "./stage-entry.js";
import type { StageKey } from "./stage-key.js";
import { makeManifest, manifestName, manifestText } from "./stage-manifest.js";

/** A result that is being made: files in a folder that no reader knows. */
export interface StageDraft {
  /** @param name relative, with `/` between folders: `blocks/1-8.onnx` */
  write(name: string, content: Content): Promise<FileDigest>;
  writeJson<T>(name: string, schema: ZodType<T>, value: T): Promise<FileDigest>;
  /**
   * Takes a file of a finished result over under a name of its own: by a second link to it, so that nothing is copied, where the file
   * system has links. Its digest is the one that it was written with.
   */
  adopt(name: string, from: Pick<StageEntry, "directory" | "files">, file: string): Promise<FileDigest>;
}

export interface OpenDraft extends StageDraft {
  /** Makes the result visible, whole, by one rename. False where another program was first; its result stands. */
  publish(target: string): Promise<boolean>;
  abandon(): Promise<void>;
}

const segment = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export async function openDraft(directory: string, key: StageKey): Promise<OpenDraft> {
  const files = new Map<string, FileDigest>();
  await createFolder(directory);
  const write = async (name: string, content: Content): Promise<FileDigest> => {
    assertName(name, files);
    // Reserved before the first wait, so that two writers of one name cannot both pass the check above.
    files.set(name, { bytes: 0, sha256: "" });
    const file = join(directory, name);
    await createFolder(dirname(file));
    const digest = await writeDurably(file, content);
    files.set(name, digest);
    return digest;
  };
  const adopt: StageDraft["adopt"] = async (name, from, file) => {
    const digest = from.files.get(file);
    if (digest === undefined) throw noSuchFile(from, file);
    assertName(name, files);
    files.set(name, digest);
    const [source, target] = [join(from.directory, file), join(directory, name)];
    await createFolder(dirname(target));
    await linkOrCopy(source, target);
    return digest;
  };
  return {
    write,
    adopt,
    writeJson: (name, schema, value) => write(name, jsonText(schema, value, name)),
    publish: async (target) => {
      await writeDurably(join(directory, manifestName), manifestText(makeManifest(key, files)));
      await syncFolders(directory, files.keys());
      return moveIntoPlace(directory, target);
    },
    // A draft that cannot be removed now is swept by a later start; the error that led here is the one to tell.
    abandon: () => rm(directory, { recursive: true, force: true }).catch(() => undefined),
  };
}

function assertName(name: string, files: ReadonlyMap<string, FileDigest>): void {
  const legal = name.split("/").every((part) => segment.test(part)) && name !== manifestName && !files.has(name);
  if (legal) return;
  throw new QueeError({
    code: "E_ARTIFACT_NAME",
    kind: "internal",
    where: "file of a stage",
    expected: "a new name of letters, digits, dots, dashes and slashes",
    got: show(name),
  });
}

function noSuchFile({ directory, files }: Pick<StageEntry, "directory" | "files">, file: string): QueeError {
  const expected = `one of ${[...files.keys()].join(", ")}`;
  return new QueeError({ code: "E_ARTIFACT_NAME", kind: "internal", file: directory, expected, got: file });
}

async function linkOrCopy(source: string, target: string): Promise<void> {
  try {
    await link(source, target);
  } catch (error) {
    // Another disk, a file system without links, or one with too many of them.
    if (!["EXDEV", "EPERM", "ENOTSUP", "ENOSYS", "EMLINK"].includes(errnoOf(error) ?? "")) {
      throw fileError(source, "link it", error);
    }
    await writeDurably(target, createReadStream(source));
  }
}

async function createFolder(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw fileError(directory, "create the folder", error);
  }
}

async function moveIntoPlace(directory: string, target: string): Promise<boolean> {
  await createFolder(dirname(target));
  try {
    await rename(directory, target);
  } catch (error) {
    if (["ENOTEMPTY", "EEXIST"].includes(errnoOf(error) ?? "")) return false;
    throw fileError(target, "put the finished stage in place", error);
  }
  await syncDirectory(dirname(target));
  return true;
}
