import type { SplitRole } from "@quee/core";
import { exitFeatureRowsOf, rowsOf, takeRows } from "./rows.js";
import { createPathTable, type PathTable } from "./table.js";

/**
 * Some samples of a table, in the order given, for a split of a split. They keep their role. Of a table in files they stay there.
 */
export function takeSamples<Role extends SplitRole>(
  table: PathTable<Role>,
  samples: ArrayLike<number>,
): PathTable<Role> {
  if (table.rows !== undefined) return takeStored(table, samples);
  const { role, classCount, count, labels, paths } = table;
  const taken = createPathTable({
    role,
    classCount,
    labels: Int32Array.from(samples, (sample) => labels[sample]),
    paths,
    probabilities: paths.map((path) => takeRows(table.probabilities(path), classCount, samples)),
  });
  if (table.exitFeatures === undefined) return taken;
  return {
    ...taken,
    exitFeatures: (path) => {
      const all = table.exitFeatures?.(path) ?? new Float32Array(0);
      return takeRows(all, all.length / count, samples);
    },
  };
}

function takeStored<Role extends SplitRole>(table: PathTable<Role>, samples: ArrayLike<number>): PathTable<Role> {
  const of = (some: ArrayLike<number>) => Int32Array.from(some, (i) => samples[i]);
  return {
    ...{ role: table.role, count: samples.length, classCount: table.classCount, paths: table.paths },
    labels: Int32Array.from(samples, (sample) => table.labels[sample]),
    probabilities: (path) => rowsOf(table, path, samples),
    rows: (path, some) => rowsOf(table, path, of(some)),
    ...(table.exitFeatures === undefined
      ? {}
      : {
          exitFeatures: (path) => exitFeatureRowsOf(table, path, samples),
          exitFeatureRows: (path, some) => exitFeatureRowsOf(table, path, of(some)),
        }),
  };
}
