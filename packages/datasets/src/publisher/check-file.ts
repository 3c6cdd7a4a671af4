import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "../files/data-errors.js";
import { streamOf } from "../files/inflate.js";
import type { PublishedFile } from "./publications.js";

/** What a file on disk is beside what its publisher says. */
export type FileStatus = "good" | "missing" | "wrong size" | "wrong checksum";

export interface CheckedFile {
  readonly name: string;
  readonly status: FileStatus;
  readonly expectedBytes: number;
  /** null where nothing is there. */
  readonly bytes: number | null;
  /** null where none is published, or the size is wrong already. */
  readonly md5: string | null;
  readonly expectedMd5: string | null;
}

/**
 * Compares a file with its publisher's size and checksum. Of an archive that is not there but whose files are, the sizes of
 * those are compared.
 */
export async function checkPublishedFile(folder: string, published: PublishedFile): Promise<readonly CheckedFile[]> {
  const whole = await checkOne(folder, published.name, published.bytes, published.md5);
  if (whole.status !== "missing" || published.unpacked === undefined) return [whole];
  const parts = await Promise.all(published.unpacked.map(({ name, bytes }) => checkOne(folder, name, bytes, null)));
  return parts.every(({ status }) => status === "missing") ? [whole] : parts;
}

async function checkOne(
  folder: string,
  name: string,
  expectedBytes: number,
  expectedMd5: string | null,
): Promise<CheckedFile> {
  const file = join(folder, name);
  const facts = await attempt(file, () =>
    stat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
      throw error;
    }),
  );
  const bytes = facts?.isFile() ? facts.size : null;
  const result = { name, expectedBytes, bytes, md5: null, expectedMd5 };
  if (bytes === null) return { ...result, status: "missing" };
  if (bytes !== expectedBytes) return { ...result, status: "wrong size" };
  if (expectedMd5 === null) return { ...result, status: "good" };
  const md5 = await md5OfFile(file);
  return { ...result, md5, status: md5 === expectedMd5 ? "good" : "wrong checksum" };
}

export async function md5OfFile(file: string): Promise<string> {
  const hash = createHash("md5");
  for await (const chunk of streamOf(file, "none")) hash.update(chunk);
  return hash.digest("hex");
}
