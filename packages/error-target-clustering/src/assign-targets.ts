import { type Path, pathKey, type SplitRole } from "@quee/core";
import type { Tensor } from "@quee/tensor";
import type { ErrorTargets, PathClusters } from "./fit-error-targets.js";
import { nearestCentroids } from "./nearest-centroids.js";
import { perSample } from "./per-sample.js";
import type { ProbabilityTable } from "./probability-table.js";
import { missingPath } from "./refusals.js";

/**
 * p̃e of the cell that each p̂ falls in: the one with the nearest centroid, the lowest index of equals.
 * QuEE (arXiv 2406.14404), section 5.2.
 * @param probabilities [N, K] @returns [N], each in [0, 1]
 */
export function assignTargets(clusters: PathClusters, probabilities: Tensor): Float32Array {
  const { index } = nearestCentroids(clusters.centroids, probabilities);
  return Float32Array.from(index, (cell) => clusters.errorRate[cell]);
}

/** p̃e(f_π | x) of every sample of a table. @returns [N] */
export function targetsOf(
  targets: ErrorTargets,
  path: Path,
  table: Omit<ProbabilityTable<SplitRole>, "paths">,
): Float32Array {
  const clusters = clustersOf(targets, path);
  return perSample(table, path, (rows) => assignTargets(clusters, rows));
}

/** Throws where the targets were fitted without the path. */
export function clustersOf(targets: ErrorTargets, path: Path): PathClusters {
  const clusters = targets.byPath.get(pathKey(path));
  if (clusters === undefined) throw missingPath("error targets", `clusters of path ${pathKey(path)}`);
  return clusters;
}
