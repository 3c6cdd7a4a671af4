import { type ByteSource, sha256 } from "@quee/artifacts";
import { magic, preambleBytes } from "./header.js";
import { columnBytes, digestBytes, type PartHeader, partHeaderSchema } from "./part-header.js";
import { unfitTable } from "./unfit-table.js";

export interface PlacedHeader {
  readonly header: PartHeader;
  /** Where the labels begin. */
  readonly payloadAt: number;
}

/** Magic, length of the header (uint32), its SHA-256 in hexadecimal, the header. */
export function readPartHeader(source: ByteSource): PlacedHeader {
  const fixedBytes = preambleBytes + digestBytes;
  const unfit = (where: string, expected: string, got: string, cause?: unknown) =>
    unfitTable({ where, expected, got }, source, cause);
  const start = source.read(0, Math.min(source.length, fixedBytes));
  if (start.length < fixedBytes || magic.some((byte, i) => start[i] !== byte)) {
    throw unfit("byte 0", "a part of a path table (it begins with QUEEPATH)", `${source.length} other bytes`);
  }
  const headerBytes = new DataView(start.buffer).getUint32(magic.length, true);
  const payloadAt = fixedBytes + headerBytes;
  if (payloadAt > source.length) {
    throw unfit("header", `${headerBytes} bytes`, `${source.length - fixedBytes}`);
  }
  const json = source.read(fixedBytes, headerBytes);
  const digest = new TextDecoder().decode(start.subarray(preambleBytes));
  if (sha256(json) !== digest) throw unfit("header", `sha256 ${digest}`, sha256(json));
  const header = parseHeader(json, unfit);
  const { labels, probabilities, exitFeatures } = columnBytes(header);
  const columns = header.paths.length * probabilities + header.exitFeatures.paths.length * exitFeatures;
  const expected = payloadAt + labels + columns;
  if (source.length === expected) return { header, payloadAt };
  throw unfit("length of the file", `${expected} bytes`, `${source.length}`);
}

function parseHeader(json: Uint8Array, unfit: (...problem: [string, string, string, unknown?]) => Error): PartHeader {
  try {
    const parsed = partHeaderSchema.safeParse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json)));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw unfit(["header", ...issue.path].join("."), issue.message, "something else", parsed.error);
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof TypeError)) throw cause;
    throw unfit("header", "JSON", "something else", cause);
  }
}
