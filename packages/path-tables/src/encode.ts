import { type Path, pathKey, QueeError } from "@quee/core";
import { type Header, magic, payloadBytes, preambleBytes } from "./header.js";
import type { PathTable } from "./table.js";

export interface EncodeOptions {
  /** Of these paths the file carries what heads have read; the table must have it. Default none. */
  readonly featurePaths?: readonly Path[];
}

/** The bytes of a path table file. Equal tables give equal bytes. */
export function encodePathTable(table: PathTable, { featurePaths = [] }: EncodeOptions = {}): Uint8Array {
  const features = featurePaths.map((path) => featuresOf(table, path));
  const header = headerOf(table, featurePaths, features);
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
  for (const values of [...table.paths.map((path) => table.probabilities(path)), ...features]) {
    for (const value of values) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

function headerOf(
  { role, count, classCount, paths }: PathTable,
  featurePaths: readonly Path[],
  features: readonly Float32Array[],
): Header {
  const common = { role, count, classCount, paths: paths.map((path) => [...path]) };
  const [first] = features;
  if (first === undefined) return { format: "quee-path-table", version: 1, ...common };
  const width = count === 0 ? 1 : first.length / count;
  const uneven = features.findIndex(({ length }) => length !== count * width);
  if (uneven >= 0 || !Number.isInteger(width) || width < 1) {
    const path = featurePaths[Math.max(uneven, 0)];
    throw badFeatures(path, `${count} rows of one width`, `${features[Math.max(uneven, 0)].length} numbers`);
  }
  const exitFeatures = { width, paths: featurePaths.map((path) => [...path]) };
  return { format: "quee-path-table", version: 2, ...common, exitFeatures };
}

function featuresOf(table: PathTable, path: Path): Float32Array {
  const found = table.exitFeatures?.(path);
  if (found !== undefined) return found;
  throw badFeatures(path, "a table that carries them", "one without");
}

function badFeatures(path: Path, expected: string, got: string): QueeError {
  const where = `exit features of ${pathKey(path)}`;
  return new QueeError({ code: "E_PATH_TABLE", kind: "internal", where, expected, got });
}
