import type { SplitRole } from "@quee/core";
import type { PathTable } from "./table.js";

/**
 * The answers of one table with what heads have read from another of the same samples: other heads change what exits say, not what they
 * have read. Paths are those of `table`.
 */
export function withExitFeatures<Role extends SplitRole>(
  table: PathTable<Role>,
  from: Pick<PathTable<Role>, "exitFeatures" | "exitFeatureRows">,
): PathTable<Role> {
  const { exitFeatures, exitFeatureRows } = from;
  return {
    ...table,
    ...(exitFeatures === undefined ? {} : { exitFeatures }),
    ...(exitFeatureRows === undefined ? {} : { exitFeatureRows }),
  };
}
