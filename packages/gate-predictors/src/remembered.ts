import { type Path, type PathKey, pathKey, type SplitRole } from "@quee/core";
import type { PathTargets } from "./pairs.js";
import type { ProbabilityTable } from "./probability-table.js";

/** p̃e(f_π | x) of every sample of a table, [N]: `targetsOf` of `@quee/error-target-clustering`, or another estimate. */
export type TableTargets = (path: Path, table: ProbabilityTable<SplitRole>) => Float32Array;

/** Asks once per path: gates share candidates, and epochs repeat them. */
export function remembered(targets: TableTargets, table: ProbabilityTable<SplitRole>): PathTargets {
  const known = new Map<PathKey, Float32Array>();
  return (path) => {
    const key = pathKey(path);
    const found = known.get(key) ?? targets(path, table);
    known.set(key, found);
    return found;
  };
}
