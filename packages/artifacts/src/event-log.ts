import { open } from "node:fs/promises";
import { QueeError } from "@quee/core";
import { canonicalJson } from "./canonical-json.js";
import { fileError } from "./file-errors.js";

/** What happened; when (`ts`, ISO 8601) and all else is told by the app. */
export interface RunEvent {
  readonly ts: string;
  /** `stage.start`, `stage.end`, `metric`, `warn` … */
  readonly type: string;
  readonly stage?: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** `events.jsonl`: one line per event, only ever appended to. */
export interface EventLog {
  readonly file: string;
  /** Events that the file held when it was opened. */
  readonly earlierEvents: number;
  /** Appends one line in one write; calls keep their order. */
  append(event: RunEvent): Promise<void>;
  /** Waits for the disk and closes. */
  close(): Promise<void>;
}

const version = 1;

/** Opens (creates) the log; a last line that a killed run left half-written is cut off. */
export async function openEventLog(file: string): Promise<EventLog> {
  try {
    const handle = await open(file, "a+");
    const text = await handle.readFile("utf8");
    const whole = text.lastIndexOf("\n") + 1;
    if (whole < text.length) await handle.truncate(Buffer.byteLength(text.slice(0, whole), "utf8"));
    const earlierEvents = text.slice(0, whole).split("\n").length - 1;
    let sequence = earlierEvents;
    let queue: Promise<void> = Promise.resolve();
    let closed = false;

    const append = (event: RunEvent): Promise<void> => {
      if (closed) throw closedError(file);
      const line = canonicalJson({ v: version, seq: sequence++, ...event }, { mode: "lenient", layout: "dense" });
      const written = queue.then(() => appendLine(line));
      // The next line is tried although this one failed: its own caller hears of it.
      queue = written.catch(() => undefined);
      return written;
    };
    const appendLine = async (line: string): Promise<void> => {
      try {
        await handle.appendFile(`${line}\n`);
      } catch (error) {
        throw fileError(file, "append an event", error);
      }
    };
    const close = async (): Promise<void> => {
      if (closed) return;
      closed = true;
      await queue;
      try {
        await handle.sync();
      } catch (error) {
        throw fileError(file, "sync the events", error);
      } finally {
        await handle.close();
      }
    };
    return { file, earlierEvents, append, close };
  } catch (error) {
    throw fileError(file, "open the events", error);
  }
}

function closedError(file: string): QueeError {
  return new QueeError({ code: "E_CLOSED", kind: "internal", file, expected: "an open log", got: "a closed one" });
}
