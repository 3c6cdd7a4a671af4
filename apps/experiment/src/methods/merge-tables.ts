import { pathKey, type SplitRole } from "@quee/core";
import { createPathTable, type PathTable } from "@quee/path-tables";

/** One table of the same images that answers for the paths of both; where both have a path, the first does. */
export function mergeTables<Role extends SplitRole>(first: PathTable<Role>, more: PathTable<Role>): PathTable<Role> {
  const known = new Set(first.paths.map(pathKey));
  const paths = [...first.paths, ...more.paths.filter((path) => !known.has(pathKey(path)))];
  const merged = createPathTable({
    role: first.role,
    classCount: first.classCount,
    labels: first.labels,
    paths,
    probabilities: paths.map((path) => (known.has(pathKey(path)) ? first : more).probabilities(path)),
  });
  return more.exitFeatures === undefined ? merged : { ...merged, exitFeatures: more.exitFeatures };
}
