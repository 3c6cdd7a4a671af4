import { open, stat } from "node:fs/promises";
import { QueeError } from "@quee/core";

/** The connection could not be made, or ended before the file did: worth another attempt. */
export class BrokenConnection extends Error {}

interface Part {
  /** The file that grows. */
  readonly part: string;
  /** Of the whole file. */
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((doneBytes: number, totalBytes: number) => void) | undefined;
}

/** Asks for the bytes that a partial file does not have yet and appends them. RFC 9110, section 14 (range requests). */
export async function appendFrom(url: string, { part, bytes, signal, onProgress }: Part): Promise<void> {
  const there = await stat(part).then(
    ({ size }) => size,
    () => 0,
  );
  if (there === bytes) return;
  // More than the file has: not a part of it.
  const from = there > bytes ? 0 : there;
  const response = await request(url, from, signal);
  try {
    if (response.status === 416) {
      await startOver(part);
      throw new BrokenConnection("the server does not have the bytes that are missing");
    }
    const isContinued = checkAnswer(response, { url, from, bytes });
    await append(response, { part, url, bytes, isContinued, onProgress });
  } finally {
    // An answer that is not read to its end would hold its connection.
    await response.body?.cancel().catch(() => undefined);
  }
}

/** @returns whether the answer goes on from `from`; otherwise it is the whole file */
function checkAnswer(response: Response, { url, from, bytes }: { url: string; from: number; bytes: number }): boolean {
  const isContinued = response.status === 206;
  if (!response.ok || (isContinued && startOf(response) !== from)) throw refusal(url, response);
  const promised = sizeOf(response);
  if (promised !== null && promised !== bytes) throw otherSize(url, bytes, `${promised} bytes`);
  return isContinued;
}

interface Answer extends Pick<Part, "part" | "bytes" | "onProgress"> {
  readonly url: string;
  readonly isContinued: boolean;
}

async function append(response: Response, { part, url, bytes, isContinued, onProgress }: Answer): Promise<void> {
  const handle = await open(part, isContinued ? "a" : "w");
  try {
    let done = isContinued ? (await handle.stat()).size : 0;
    onProgress?.(done, bytes);
    for await (const chunk of bodyOf(response)) {
      done += chunk.length;
      if (done > bytes) throw otherSize(url, bytes, "more");
      await handle.appendFile(chunk);
      onProgress?.(done, bytes);
    }
    await handle.sync();
    if (done < bytes) throw new BrokenConnection(`the connection ended after ${done} of ${bytes} bytes`);
  } finally {
    await handle.close();
  }
}

async function request(url: string, from: number, signal: AbortSignal | undefined): Promise<Response> {
  // Bytes as they are: a server must not pack or unpack them on the way.
  const headers = { "Accept-Encoding": "identity", ...(from > 0 && { Range: `bytes=${from}-` }) };
  try {
    return await fetch(url, { headers, ...(signal && { signal }) });
  } catch (cause) {
    throw broken(cause, signal);
  }
}

async function* bodyOf(response: Response): AsyncGenerator<Uint8Array> {
  try {
    // Types of the web's streams do not know yet that they can be iterated.
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) yield chunk;
  } catch (cause) {
    throw broken(cause, undefined);
  }
}

function broken(cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted || (cause instanceof Error && cause.name === "AbortError")) return cause;
  const reason =
    cause instanceof Error ? ((cause.cause as Error | undefined)?.message ?? cause.message) : String(cause);
  return new BrokenConnection(reason, { cause });
}

/** The first byte that a partial answer holds. */
function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
}

/** Of the whole file, where the server says it. */
function sizeOf({ status, headers }: Response): number | null {
  const text =
    status === 206 ? /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1] : headers.get("content-length");
  return text === null || text === undefined ? null : Number(text);
}

async function startOver(part: string): Promise<void> {
  await (await open(part, "w")).close();
}

function refusal(url: string, { status, statusText, headers }: Response): QueeError {
  const range = status === 206 ? `, ${headers.get("content-range") ?? "no range"}` : "";
  return new QueeError({
    code: "E_DOWNLOAD",
    kind: "environment",
    where: url,
    expected: "the file",
    got: `HTTP ${status} ${statusText}${range}`.trim(),
  });
}

function otherSize(url: string, bytes: number, got: string): QueeError {
  return new QueeError({
    code: "E_DOWNLOAD_SIZE",
    kind: "input",
    where: url,
    expected: `${bytes} bytes`,
    got,
    hint: "It is another file, or a page that says why there is none",
  });
}
