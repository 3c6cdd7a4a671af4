import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QueeError, show } from "@quee/core";
import type { ZodType } from "zod";
import { type Content, syncDirectory, syncFolders, writeDurably } from "./durable-write.js";
import { errnoOf, fileError } from "./file-errors.js";
import { jsonText } from "./json-files.js";
import type { FileDigest } from "./sha256.js";
import type { StageKey } from "./stage-key.js";
import { makeManifest, manifestName, manifestText } from "./stage-manifest.js";

/** A result that is being made: files in a folder that no reader knows. */
export interface StageDraft {
  /** @param name relative, with `/` between folders: `blocks/1-8.onnx` */
  write(name: string, content: Content): Promise<FileDigest>;
  writeJson<T>(name: string, schema: ZodType<T>, value: T): Promise<FileDigest>;
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
  return {
    write,
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
