import { QueeError, type SplitRole } from "@quee/core";
import { createPathTable, type PathTable } from "./table.js";

/** Some samples of a split: row i of `table` is sample `samples[i]` of the whole. */
export interface TablePart<Role extends SplitRole> {
  readonly table: PathTable<Role>;
  readonly samples: ArrayLike<number>;
}

/**
 * Puts the parts of a split together again: what `takeSamples` took apart, or folds whose p̂ come from heads that were each
 * trained on the other folds. The parts hold every sample once, and the paths of the first part are those of all.
 */
export function joinSamples<Role extends SplitRole>(parts: readonly TablePart<Role>[]): PathTable<Role> {
  const [first] = parts;
  if (first === undefined) throw badParts("at least one part", "none");
  const { role, classCount, paths } = first.table;
  const count = parts.reduce((sum, { table }) => sum + table.count, 0);
  assertEverySampleOnce(parts, count);
  const labels = new Int32Array(count);
  for (const { table, samples } of parts) for (let i = 0; i < table.count; i++) labels[samples[i]] = table.labels[i];
  const joined = createPathTable({
    role,
    classCount,
    labels,
    paths,
    probabilities: paths.map((path) => scatter(parts, count, (table) => table.probabilities(path))),
  });
  if (parts.some(({ table }) => table.exitFeatures === undefined)) return joined;
  const features = (path: (typeof paths)[number]) => (table: PathTable<Role>) =>
    table.exitFeatures?.(path) ?? new Float32Array(0);
  return { ...joined, exitFeatures: (path) => scatter(parts, count, features(path)) };
}

/** @returns [N, width], each row of each part in its place */
function scatter<Role extends SplitRole>(
  parts: readonly TablePart<Role>[],
  count: number,
  valuesOf: (table: PathTable<Role>) => Float32Array,
): Float32Array {
  const all = parts.map(({ table }) => valuesOf(table));
  const width = count === 0 ? 0 : all.reduce((sum, { length }) => sum + length, 0) / count;
  const joined = new Float32Array(count * width);
  for (const [p, { table, samples }] of parts.entries()) {
    for (let i = 0; i < table.count; i++) joined.set(all[p].subarray(i * width, (i + 1) * width), samples[i] * width);
  }
  return joined;
}

function assertEverySampleOnce(parts: readonly TablePart<SplitRole>[], count: number): void {
  const seen = new Uint8Array(count);
  for (const { table, samples } of parts) {
    if (samples.length !== table.count) throw badParts(`${table.count} samples of a part`, String(samples.length));
    for (let i = 0; i < samples.length; i++) {
      // Beyond the end there is no mark at all.
      if (seen[samples[i]] !== 0) throw badParts(`every sample from 0 to ${count - 1} once`, `${samples[i]}`);
      seen[samples[i]] = 1;
    }
  }
}

function badParts(expected: string, got: string): QueeError {
  return new QueeError({ code: "E_PATH_TABLE", kind: "internal", where: "parts of a path table", expected, got });
}
