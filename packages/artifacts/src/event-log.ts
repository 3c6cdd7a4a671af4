import { type FileHandle, open } from "node:fs/promises";
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
const newline = 0x0a;

/** Opens (creates) the log; a last line that a killed run left half-written is cut off. */
export async function openEventLog(file: string): Promise<EventLog> {
  const { handle, earlierEvents, length } = await openRecovered(file);
  let sequence = earlierEvents;
  let wholeBytes = length;
  let queue: Promise<void> = Promise.resolve();
  let closed = false;

  const appendLine = async (line: Buffer): Promise<void> => {
    try {
      await handle.appendFile(line);
      wholeBytes += line.byteLength;
    } catch (error) {
      // A part of the line may have come through; the next line must not be glued to it.
      await handle.truncate(wholeBytes).catch(() => undefined);
      throw fileError(file, "append an event", error);
    }
  };
  // Up to its first wait an async function runs at once: numbers and lines keep the order of the calls.
  const append = async (event: RunEvent): Promise<void> => {
    if (closed) throw closedError(file);
    const text = canonicalJson({ v: version, seq: sequence, ...event }, { mode: "lenient", layout: "dense" });
    sequence++;
    const written = queue.then(() => appendLine(Buffer.from(`${text}\n`, "utf8")));
    // The next line is tried although this one failed: its own caller hears of it.
    queue = written.catch(() => undefined);
    await written;
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
}

interface Recovered {
  readonly handle: FileHandle;
  readonly earlierEvents: number;
  /** Bytes of whole lines. */
  readonly length: number;
}

async function openRecovered(file: string): Promise<Recovered> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, "a+");
    const bytes = await handle.readFile();
    const length = bytes.lastIndexOf(newline) + 1;
    if (length < bytes.byteLength) await handle.truncate(length);
    return { handle, earlierEvents: bytes.subarray(0, length).filter((byte) => byte === newline).byteLength, length };
  } catch (error) {
    await handle?.close();
    throw fileError(file, "open the events", error);
  }
}

function closedError(file: string): QueeError {
  return new QueeError({ code: "E_CLOSED", kind: "internal", file, expected: "an open log", got: "a closed one" });
}
