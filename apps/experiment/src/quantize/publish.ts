import { randomUUID } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { QueeError } from "@quee/core";

/** Refuses a folder that has files. */
export function assertFree(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new QueeError({
    code: "E_OUT_EXISTS",
    kind: "usage",
    file: folder,
    expected: "a new or empty directory",
    got: "one with files",
    hint: "Choose another --out; what was worked out before comes from the cache",
  });
}

/** Makes a folder that is there whole or not at all: written beside it, then renamed. */
export async function publishFolder(folder: string, write: (draft: string) => Promise<void>): Promise<void> {
  const target = resolve(folder);
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}.draft`);
  await mkdir(draft, { recursive: true });
  try {
    await write(draft);
    assertFree(target);
    if (existsSync(target)) await rmdir(target);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}
