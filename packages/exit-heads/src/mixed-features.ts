import type { Path, SplitRole } from "@quee/core";
import { exitFeatureRowsOf, type PathTable, runsOf, samplesOf } from "@quee/path-tables";
import { type Random, type Tensor, zeros } from "@quee/tensor";

/**
 * What a head reads where each sample came along a path of its own, drawn evenly from `paths`: over many draws the mean over paths.
 * No more is held than one row per sample; a table in files is read run by run, a path's column at a time.
 * @param table carries the exit features of `paths`
 * @returns [N, D]
 */
export function mixedFeatures(table: PathTable<SplitRole>, paths: readonly Path[], random: Random): Tensor {
  const drawn = Uint32Array.from({ length: table.count }, () => random.below(paths.length));
  const width = featureWidth(table, paths[0]);
  const mixed = zeros([table.count, width]);
  for (const run of runsOf(table)) {
    const samples = samplesOf(run);
    for (const [p, path] of paths.entries()) {
      const own = samples.filter((sample) => drawn[sample] === p);
      const rows = exitFeatureRowsOf(table, path, own);
      for (let i = 0; i < own.length; i++) mixed.data.set(rows.subarray(i * width, (i + 1) * width), own[i] * width);
    }
  }
  return mixed;
}

/** D at the end of a path; 0 where the table has no features of it. */
export function featureWidth(table: PathTable<SplitRole>, path: Path): number {
  return table.count === 0 ? 0 : exitFeatureRowsOf(table, path, [0]).length;
}
