import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { sweepTemporaryFiles } from "./atomic-write.js";
import { type EventLog, openEventLog } from "./event-log.js";
import { fileError } from "./file-errors.js";
import type { LiveHolder } from "./holder.js";
import { writeJson } from "./json-files.js";
import { acquireLock, type Lock } from "./run-lock.js";

/** `status.json`: what a person or another tool wants to know without reading the events. */
export const statusSchema = z.strictObject({
  schemaVersion: z.literal(1),
  state: z.enum(["running", "done", "failed", "stopped"]),
  /** The stage under way, or the one that failed. */
  stage: z.string().nullable(),
  /** One sentence: the error, or how to go on. */
  message: z.string().nullable(),
  /** ISO 8601, told by the app. */
  updatedAt: z.string(),
});

export type RunStatus = z.infer<typeof statusSchema>;

/** A run directory with one writer: us, until `close`. */
export interface RunDirectory {
  readonly path: string;
  readonly lock: Lock;
  readonly events: EventLog;
  writeStatus(status: Omit<RunStatus, "schemaVersion">): Promise<void>;
  /** Closes the events and releases the lock. */
  close(): Promise<void>;
}

/**
 * Opens (creates) a run directory: takes its lock, sweeps the temporary files of killed runs, opens its events.
 * @throws QueeError of kind busy while another program writes there
 */
export async function openRunDirectory(path: string, self: LiveHolder): Promise<RunDirectory> {
  try {
    // Subfolders hold figures; they too may carry temporary files of a killed run.
    await mkdir(join(path, "figures"), { recursive: true });
  } catch (error) {
    throw fileError(path, "create the run directory", error);
  }
  const lock = await acquireLock(path, self);
  try {
    await sweepTemporaryFiles(path);
    await sweepTemporaryFiles(join(path, "figures"));
    const events = await openEventLog(join(path, "events.jsonl"));
    return {
      path,
      lock,
      events,
      writeStatus: async (status) => {
        await writeJson(join(path, "status.json"), statusSchema, { schemaVersion: 1, ...status });
      },
      close: async () => {
        try {
          await events.close();
        } finally {
          await lock.release();
        }
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
