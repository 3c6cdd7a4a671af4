import { mkdir, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { QueeError } from "@quee/core";
import { appendFrom, BrokenConnection } from "./append-from.js";
import { md5OfFile } from "./check-file.js";
import type { PublishedFile } from "./publications.js";

export interface DownloadOptions {
  /** Where the file goes. Until it is whole and verified it is called `<file>.part`. */
  readonly file: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
  /** Connections that may break, each after the other, before it is given up. Default 5. */
  readonly attempts?: number;
  /** Before the second attempt; doubled before each further one. Default 500. */
  readonly retryDelayMs?: number;
}

/**
 * Fetches a file from its publisher, going on where an earlier attempt stopped, and puts it in its place only when size and
 * checksum are right.
 */
export async function downloadFile(
  { url, bytes, md5 }: Pick<PublishedFile, "url" | "bytes" | "md5">,
  { file, signal, onProgress, attempts = 5, retryDelayMs = 500 }: DownloadOptions,
): Promise<void> {
  const part = `${file}.part`;
  await mkdir(dirname(file), { recursive: true });
  await checkSpace(file, bytes - (await sizeOf(part)));
  for (let attempt = 1; ; attempt++) {
    try {
      await appendFrom(url, { part, bytes, signal, onProgress });
      break;
    } catch (error) {
      if (!(error instanceof BrokenConnection)) throw error;
      if (attempt >= attempts) throw failed(url, part, error);
      await delay(retryDelayMs * 2 ** (attempt - 1), undefined, signal && { signal });
    }
  }
  const got = await md5OfFile(part);
  if (got !== md5) {
    await rm(part, { force: true });
    throw new QueeError({
      code: "E_DOWNLOAD_CHECKSUM",
      kind: "input",
      file,
      where: url,
      expected: `a file of MD5 ${md5}`,
      got,
      hint: "What came is thrown away; try again, or another mirror",
    });
  }
  await rename(part, file);
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function checkSpace(file: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(file));
  const free = bavail * bsize;
  if (free >= needed) return;
  throw new QueeError({
    code: "E_DISK_SPACE",
    kind: "environment",
    file: dirname(file),
    expected: `${needed} bytes of free space`,
    got: String(free),
  });
}

function failed(url: string, part: string, { message, cause }: BrokenConnection): QueeError {
  return new QueeError({
    code: "E_DOWNLOAD",
    kind: "environment",
    where: url,
    expected: "the file",
    got: message,
    hint: `What has come is kept in ${part}: the same command goes on from there`,
    cause,
  });
}
