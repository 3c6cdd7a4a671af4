import { sha256 } from "@quee/artifacts";
import { type Path, pathKey, QueeError } from "@quee/core";
import { toHalves } from "./float16.js";
import { magic } from "./header.js";
import { littleEndianBytes } from "./little-endian.js";
import type { ElementType, PartHeader } from "./part-header.js";
import type { PathTable } from "./table.js";

export interface EncodePartOptions {
  /** The first sample of the part in its split. */
  readonly from: number;
  /** Of probabilities. Exit features stay float32: they know no bounds. Default `float32`. */
  readonly elementType?: ElementType;
  /** Of these paths the part carries what heads have read; the table must have it. Default none. */
  readonly featurePaths?: readonly Path[];
}

/**
 * The file of some consecutive samples of a split, for `openTableParts`: in pieces, so that writing needs no second copy of
 * float32 columns. Equal tables give equal bytes.
 */
export function encodeTablePart(table: PathTable, options: EncodePartOptions): readonly Uint8Array[] {
  const { from, elementType = "float32", featurePaths = [] } = options;
  const { role, count, classCount, paths } = table;
  const labels = littleEndianBytes(table.labels);
  const columns = paths.map((path) => {
    const values = table.probabilities(path);
    return littleEndianBytes(elementType === "float16" ? toHalves(values) : values);
  });
  const features = featurePaths.map((path) => featuresOf(table, path));
  const header: PartHeader = {
    ...{ format: "quee-path-table-part", version: 1, role, from, count, classCount, elementType },
    paths: paths.map((path) => [...path]),
    exitFeatures: { width: widthOf(features, count), paths: featurePaths.map((path) => [...path]) },
    sha256: { labels: sha256(labels), probabilities: columns.map(sha256), exitFeatures: features.map(sha256) },
  };
  const text = new TextEncoder();
  const json = text.encode(JSON.stringify(header));
  const length = littleEndianBytes(Int32Array.of(json.length));
  return [magic, length, text.encode(sha256(json)), json, labels, ...columns, ...features];
}

function featuresOf(table: PathTable, path: Path): Uint8Array {
  const found = table.exitFeatures?.(path);
  if (found !== undefined && (found.length > 0 || table.count === 0)) return littleEndianBytes(found);
  throw badFeatures(`exit features of ${pathKey(path)}`, "a table that carries them", "one without");
}

/** D of columns [n, D] of float32. */
function widthOf(features: readonly Uint8Array[], count: number): number {
  const widths = new Set(features.map(({ length }) => (count === 0 ? 0 : length / 4 / count)));
  const [width = 0] = widths;
  if (widths.size <= 1 && Number.isInteger(width)) return width;
  throw badFeatures("exit features", `${count} rows of one width on every path`, [...widths].join(", "));
}

function badFeatures(where: string, expected: string, got: string): QueeError {
  return new QueeError({ code: "E_PATH_TABLE", kind: "internal", where, expected, got });
}
