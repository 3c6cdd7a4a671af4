import type { SplitRole } from "@quee/core";
import { takeRows } from "./rows.js";
import { createPathTable, type PathTable } from "./table.js";

/** Some samples of a table, in the order given, for a split of a split. They keep their role. */
export function takeSamples<Role extends SplitRole>(
  table: PathTable<Role>,
  samples: ArrayLike<number>,
): PathTable<Role> {
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
