import { createReadStream } from "node:fs";
import { pipeline, type Transform } from "node:stream";
import { createGunzip, createInflate } from "node:zlib";
import { cannotRead, invalidData } from "./data-errors.js";

/** Bytes [start, end) of a file. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A part of a file as a stream of chunks, unpacked on the way where it is packed. */
export async function* streamOf(
  file: string,
  packing: "none" | "gzip" | "zlib",
  range?: ByteRange,
): AsyncGenerator<Uint8Array> {
  if (range !== undefined && range.end <= range.start) return;
  const source = createReadStream(file, {
    highWaterMark: 1 << 18,
    ...(range && { start: range.start, end: range.end - 1 }),
  });
  const stream = packing === "none" ? source : unpacked(source, packing === "gzip" ? createGunzip() : createInflate());
  try {
    for await (const chunk of stream) yield chunk as Uint8Array;
  } catch (cause) {
    throw isDamage(cause) ? damaged(file, range, cause) : cannotRead(file, cause);
  } finally {
    source.destroy();
    stream.destroy();
  }
}

function unpacked(source: NodeJS.ReadableStream, unpack: Transform): Transform {
  // A failure of the source reaches whoever reads the result.
  return pipeline(source, unpack, () => undefined) as Transform;
}

function isDamage(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code?.startsWith("Z_") === true;
}

function damaged(file: string, range: ByteRange | undefined, cause: unknown) {
  return invalidData({
    code: "E_DATA_DAMAGED",
    file,
    ...(range && { where: `packed bytes ${range.start} to ${range.end}` }),
    expected: "data that unpacks",
    got: cause instanceof Error ? cause.message : String(cause),
    hint: "It is cut off or damaged; fetch it again",
    cause,
  });
}
