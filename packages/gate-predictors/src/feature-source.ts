import { type Path, type PathKey, pathKey, type SplitRole } from "@quee/core";
import { tableView } from "@quee/path-tables";
import { type Tensor, zeros } from "@quee/tensor";
import { gatherRows } from "@quee/training";
import type { ExtraFeature } from "./extra-features.js";
import { gateFeatureCount, gateFeatures } from "./gate-features.js";
import { inPieces } from "./in-pieces.js";
import type { ProbabilityTable } from "./probability-table.js";

/** u of the samples `rows` of one table, as if they had come along `prefix`. @returns [rows.length, width of u] */
export type FeatureSource = (prefix: Path, rows: Int32Array) => Tensor;

export interface FeatureSourceOptions {
  readonly table: ProbabilityTable<SplitRole>;
  readonly extras: readonly ExtraFeature[];
  /** How many prefixes will be asked for. */
  readonly prefixCount: number;
  /** Features of all samples and prefixes are kept where they need no more than this. */
  readonly memoryBytes: number;
}

/** Computes u once per sample and prefix where that fits the memory given, else whenever it is asked for. */
export function featureSource(options: FeatureSourceOptions): FeatureSource {
  const { table, extras } = options;
  const width = gateFeatureCount(table.classCount, extras);
  const compute: FeatureSource = (prefix, rows) => gateFeatures(tableView(table, prefix, rows), extras);
  if (!areKept(options)) return compute;
  const kept = new Map<PathKey, Tensor>();
  return (prefix, rows) => {
    const key = pathKey(prefix);
    const all = kept.get(key) ?? ofWholeTable(table.count, width, (piece) => compute(prefix, piece));
    kept.set(key, all);
    return gatherRows(all, rows);
  };
}

/** Whether the features of all samples and prefixes fit the memory given. */
export function areKept({ table, extras, prefixCount, memoryBytes }: FeatureSourceOptions): boolean {
  return 4 * table.count * gateFeatureCount(table.classCount, extras) * prefixCount <= memoryBytes;
}

/** In pieces, so that the history of a view is never as large as the table. */
function ofWholeTable(count: number, width: number, compute: (rows: Int32Array) => Tensor): Tensor {
  const all = zeros([count, width]);
  for (const rows of inPieces(count, 4096)) all.data.set(compute(rows).data, rows[0] * width);
  return all;
}

/** u behind every prefix, side by side: the `features` of a training graph. @returns [rows.length, P, width of u] */
export function stackedFeatures(source: FeatureSource, prefixes: readonly Path[], rows: Int32Array): Tensor {
  const sources = prefixes.map((prefix) => source(prefix, rows));
  const width = sources[0].shape[1];
  const features = zeros([rows.length, prefixes.length, width]);
  sources.forEach(({ data }, p) => {
    for (let i = 0; i < rows.length; i++) {
      features.data.set(data.subarray(i * width, (i + 1) * width), (i * prefixes.length + p) * width);
    }
  });
  return features;
}
