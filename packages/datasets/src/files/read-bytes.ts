import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { attempt, invalidData } from "./data-errors.js";

/** An open regular file. */
export interface DataFile {
  readonly path: string;
  readonly size: number;
  /** Exactly `length` bytes from `position`. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** Opens a file for as long as `use` takes. */
export async function withDataFile<Result>(path: string, use: (file: DataFile) => Promise<Result>): Promise<Result> {
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  const handle = await attempt(path, () => open(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    const facts = await attempt(path, () => handle.stat());
    if (!facts.isFile()) {
      const got = facts.isDirectory() ? "a folder" : "something that is no regular file";
      throw invalidData({ code: "E_DATA_FORMAT", file: path, expected: "a file", got });
    }
    const read = (position: number, length: number) => readExactly(handle, path, position, length);
    return await use({ path, size: facts.size, read });
  } finally {
    await handle.close();
  }
}

async function readExactly(handle: FileHandle, file: string, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await attempt(file, () => handle.read(bytes, done, length - done, position + done));
    if (bytesRead === 0) throw endOfFile(file, position + done, length - done);
    done += bytesRead;
  }
  return bytes;
}

function endOfFile(file: string, position: number, missing: number) {
  return invalidData({
    code: "E_DATA_SIZE",
    file,
    where: `byte ${position}`,
    expected: `${missing} more bytes`,
    got: "the end of the file",
    hint: "It is cut off, or changed while it was read",
  });
}
