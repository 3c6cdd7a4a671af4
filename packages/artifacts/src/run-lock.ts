import { randomUUID } from "node:crypto";
import { link, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { QueeError } from "@quee/core";
import { z } from "zod";
import { temporaryBeside } from "./atomic-write.js";
import { writeDurably } from "./durable-write.js";
import { errnoOf, fileError } from "./file-errors.js";
import { type Holder, isGone, type LiveHolder } from "./holder.js";
import { sha256 } from "./sha256.js";

export const lockName = "run.lock";

const lockSchema = z.strictObject({
  pid: z.number().int(),
  host: z.string(),
  startedAt: z.string(),
  /** Tells this lock from every other, so that nobody removes a lock that he did not see. */
  nonce: z.string(),
});

export interface Lock {
  readonly file: string;
  /** The program whose stale lock was taken over; null where the directory was free. */
  readonly tookOverFrom: Holder | null;
  /** Removes the lock, unless somebody took it over by hand meanwhile. May be called twice. */
  release(): Promise<void>;
}

/**
 * Makes `self` the one writer of `directory`.
 * @throws QueeError of kind busy naming pid, host and start of the holder, or, where the lock cannot be read, the remedy
 */
export async function acquireLock(directory: string, self: LiveHolder): Promise<Lock> {
  return acquire(join(directory, lockName), self);
}

async function acquire(file: string, self: LiveHolder): Promise<Lock> {
  let tookOverFrom: Holder | null = null;
  const { pid, host, startedAt } = self;
  const text = JSON.stringify({ pid, host, startedAt, nonce: randomUUID() });
  while (!(await create(file, text))) {
    const found = await readText(file);
    if (found === null) continue; // released between the two looks
    const holder = parseHolder(found);
    if (holder === null || !isGone(holder, self)) throw busy(file, holder, found);
    if (await removeStale(file, found, self)) tookOverFrom = holder;
  }
  const release = async (): Promise<void> => {
    if ((await readText(file)) === text) await remove(file);
  };
  return { file, tookOverFrom, release };
}

/** The lock with all its text appears at once, or not at all: nobody ever reads half a lock. */
async function create(file: string, text: string): Promise<boolean> {
  const temporary = temporaryBeside(file);
  try {
    await writeDurably(temporary, text, { errorFile: file });
    await link(temporary, file);
    return true;
  } catch (error) {
    // ENOENT: the holder, who just got the lock, has swept our temporary file away. Look again.
    if (["EEXIST", "ENOENT"].includes(errnoOf(error) ?? "")) return false;
    // File systems without hard links: exclusive creation, where a reader may meet the empty file and says busy.
    if (["EPERM", "ENOTSUP", "ENOSYS"].includes(errnoOf(error) ?? "")) return createPlainly(file, text);
    throw fileError(file, "create the lock", error);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function createPlainly(file: string, text: string): Promise<boolean> {
  try {
    await writeDurably(file, text);
    return true;
  } catch (error) {
    if (error instanceof QueeError && errnoOf(error.cause) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Removes exactly the stale lock that was read. Two programs may find the same dead holder; if each removed "the lock",
 * the slower would remove the new lock of the faster. So who removes the lock with this text holds a lock named after it,
 * and looks again under it. Should that program die there, its lock is stale too, and the same rule applies to it.
 * @returns false where somebody else removed it
 */
async function removeStale(file: string, text: string, self: LiveHolder): Promise<boolean> {
  const guard = await acquire(`${file}.takeover-${sha256(text).slice(0, 16)}`, self);
  try {
    if ((await readText(file)) !== text) return false;
    await remove(file);
    return true;
  } finally {
    await guard.release();
  }
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw fileError(file, "read the lock", error);
  }
}

async function remove(file: string): Promise<void> {
  try {
    await rm(file, { force: true });
  } catch (error) {
    throw fileError(file, "remove the lock", error);
  }
}

function parseHolder(text: string): Holder | null {
  try {
    return lockSchema.parse(JSON.parse(text));
  } catch {
    return null; // said to the user by `busy`
  }
}

function busy(file: string, holder: Holder | null, text: string): QueeError {
  const got =
    holder === null
      ? `a lock that names no holder (${text.length} characters)`
      : `a lock of process ${holder.pid} on ${holder.host}, since ${holder.startedAt}`;
  return new QueeError({
    code: "E_RUN_BUSY",
    kind: "busy",
    file,
    expected: "no other writer",
    got,
    hint: "Wait for it to end; if you are sure that it is gone, delete this file",
  });
}
