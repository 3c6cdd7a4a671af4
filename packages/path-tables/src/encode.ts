import { formatVersion, type Header, magic, payloadBytes, preambleBytes } from "./header.js";
import type { PathTable } from "./table.js";

/** The bytes of a path table file. Equal tables give equal bytes. */
export function encodePathTable(table: PathTable): Uint8Array {
  const header: Header = {
    format: "quee-path-table",
    version: formatVersion,
    role: table.role,
    count: table.count,
    classCount: table.classCount,
    paths: table.paths.map((path) => [...path]),
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(preambleBytes + json.length + payloadBytes(header));
  const view = new DataView(bytes.buffer);
  bytes.set(magic, 0);
  view.setUint32(magic.length, json.length, true);
  bytes.set(json, preambleBytes);
  let at = preambleBytes + json.length;
  for (const label of table.labels) {
    view.setInt32(at, label, true);
    at += 4;
  }
  for (const path of table.paths) {
    for (const p of table.probabilities(path)) {
      view.setFloat32(at, p, true);
      at += 4;
    }
  }
  return bytes;
}
