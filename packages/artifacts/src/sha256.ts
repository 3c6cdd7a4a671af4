import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { fileError } from "./file-errors.js";

const chunkBytes = 1 << 20;

/** SHA-256 in lower-case hex; text is hashed as UTF-8. */
export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

export interface FileDigest {
  readonly bytes: number;
  readonly sha256: string;
}

/** Length and SHA-256 of a file, read in chunks: memory does not grow with the file. */
export async function sha256OfFile(file: string): Promise<FileDigest> {
  try {
    const handle = await open(file, "r");
    try {
      const hash = createHash("sha256");
      const chunk = Buffer.allocUnsafe(chunkBytes);
      let bytes = 0;
      for (;;) {
        const { bytesRead } = await handle.read(chunk, 0, chunkBytes, null);
        if (bytesRead === 0) return { bytes, sha256: hash.digest("hex") };
        hash.update(chunk.subarray(0, bytesRead));
        bytes += bytesRead;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(file, "read it", error);
  }
}
