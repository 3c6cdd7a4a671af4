import { type Path, pathKey, type SplitRole } from "@quee/core";
import { type PathTable, rowsOf } from "@quee/path-tables";

/** One table of the same images that answers for the paths of both; where both have a path, the first does. Nothing is read. */
export function mergeTables<Role extends SplitRole>(first: PathTable<Role>, more: PathTable<Role>): PathTable<Role> {
  const { role, count, classCount, labels, runs } = first;
  const known = new Set(first.paths.map(pathKey));
  const tableOf = (path: Path) => (known.has(pathKey(path)) ? first : more);
  return {
    ...{ role, count, classCount, labels },
    paths: [...first.paths, ...more.paths.filter((path) => !known.has(pathKey(path)))],
    probabilities: (path) => tableOf(path).probabilities(path),
    rows: (path, samples) => rowsOf(tableOf(path), path, samples),
    ...(runs === undefined ? {} : { runs }),
    ...(more.exitFeatures === undefined ? {} : { exitFeatures: more.exitFeatures }),
    ...(more.exitFeatureRows === undefined ? {} : { exitFeatureRows: more.exitFeatureRows }),
  };
}
