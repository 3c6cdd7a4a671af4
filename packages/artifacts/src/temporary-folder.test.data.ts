import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LiveHolder } from "./holder.js";

/** In memory where the system has that: tests of crashes sync thousands of files. */
const parent = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A folder that is gone after the test. @param atEnd vitest's `onTestFinished` */
export function temporaryFolder(atEnd: (clean: () => void) => void): string {
  const folder = mkdtempSync(join(parent, "quee-artifacts-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A program on `host`; the programs of `alive` run, all others are gone. */
export function program(pid = 100, alive: readonly number[] = [], host = "here"): LiveHolder {
  return { pid, host, startedAt: `start of ${pid}`, isAlive: (other) => other === pid || alive.includes(other) };
}

/** What a call that must fail fails with. */
export async function failureOf(act: () => Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await act();
  } catch (error) {
    return error as Record<string, unknown>;
  }
  throw new Error("expected a failure, got none");
}
