import type { Path } from "@quee/core";
import { type BoxStatistics, boxStatistics } from "@quee/metrics";
import { entropyRows, tensor } from "@quee/tensor";
import { clustersOf } from "./assign-targets.js";
import type { LabelledRows } from "./error-estimator.js";
import type { ErrorTargets } from "./fit-error-targets.js";
import { nearestCentroids } from "./nearest-centroids.js";

/** One cell, and the samples of a table that fall in it. */
export interface ClusterDescription {
  readonly cell: number;
  /** p̃e(f_π, Q) */
  readonly errorRate: number;
  /** Samples of the table in the cell. */
  readonly count: number;
  /** H(p̂) in nats; null of an empty cell. */
  readonly entropy: BoxStatistics | null;
  /** p̂_y, the probability of the label; null of an empty cell. */
  readonly labelProbability: BoxStatistics | null;
}

/**
 * What separates the cells of one path: the box plots of figures 5A, 5B and 6 to 8 of QuEE (arXiv 2406.14404). Cells with a
 * smaller p̃e come first.
 */
export function describeClusters(
  targets: ErrorTargets,
  path: Path,
  table: LabelledRows,
): readonly ClusterDescription[] {
  const clusters = clustersOf(targets, path);
  const points = tensor([table.count, table.classCount], table.probabilities(path));
  const { index } = nearestCentroids(clusters.centroids, points);
  const entropies = entropyRows(points);
  const members = Array.from(clusters.errorRate, (): number[] => []);
  index.forEach((cell, row) => {
    members[cell].push(row);
  });
  return members
    .map((rows, cell) => ({
      cell,
      errorRate: clusters.errorRate[cell],
      count: rows.length,
      entropy: boxStatistics(rows.map((row) => entropies[row])),
      labelProbability: boxStatistics(rows.map((row) => points.data[row * table.classCount + table.labels[row]])),
    }))
    .sort((a, b) => a.errorRate - b.errorRate || a.cell - b.cell);
}
