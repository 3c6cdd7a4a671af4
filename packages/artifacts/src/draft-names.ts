import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileError } from "./file-errors.js";
import { type Holder, isGone, type LiveHolder } from "./holder.js";

/** The folder name of a draft says who writes it, so that a later start can tell a dead draft from a living one. */
export function draftName({ pid, host, startedAt }: Holder, unique: string): string {
  return [String(pid), encode(host), encode(startedAt), unique].join(".");
}

/** Creates the folder of drafts and removes the drafts of programs of this host that are gone. */
export async function sweepDrafts(drafts: string, self: LiveHolder): Promise<void> {
  try {
    await mkdir(drafts, { recursive: true });
    for (const name of (await readdir(drafts)).sort()) {
      if (isStale(name, self)) await rm(join(drafts, name), { recursive: true, force: true });
    }
  } catch (error) {
    throw fileError(drafts, "create and clean the folder of drafts", error);
  }
}

function isStale(name: string, self: LiveHolder): boolean {
  const [pid, host, startedAt] = name.split(".");
  if (pid === undefined || host === undefined || startedAt === undefined || !/^\d+$/.test(pid)) return false;
  return isGone({ pid: Number(pid), host: decode(host), startedAt: decode(startedAt) }, self);
}

/** Text as a part of a file name: no dots, no slashes. */
function encode(text: string): string {
  return Buffer.from(text, "utf8").toString("base64url");
}

function decode(text: string): string {
  return Buffer.from(text, "base64url").toString("utf8");
}
