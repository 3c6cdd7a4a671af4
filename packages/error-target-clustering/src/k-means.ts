import { type Random, randomStream, type Tensor } from "@quee/tensor";
import { kmeansGenerator } from "ml-kmeans";
import { type DistinctRows, distinctRows } from "./distinct-rows.js";
import { type Nearest, nearestCentroids } from "./nearest-centroids.js";

/** `random` takes distinct points of the data as first centres; `kmeans++` spreads them (slower, less inertia). */
export type Initialization = "random" | "kmeans++";

export interface KMeansOptions {
  readonly clusterCount: number;
  /** Independent starts, at least one; the one with the least inertia is kept, the earlier of equals. */
  readonly restarts: number;
  readonly initialization: Initialization;
  readonly seed: number;
  /** Name of the random stream, so that two data sets under one seed start differently. */
  readonly name: string;
}

export interface KMeansFit {
  /** [C, K]; C is below the asked number where the data has fewer distinct points */
  readonly centroids: Tensor;
  readonly nearest: Nearest;
  /** Σ ‖x − centroid(x)‖² */
  readonly inertia: number;
}

/** Lloyd stops here if it has not converged; restarts on probability vectors need 30 to 50. */
const MAX_ITERATIONS = 300;

/**
 * Lloyd's k-means with restarts, in squared L2. Yields after each iteration, so that the caller can let other work in.
 * @param points [N, K], N ≥ 1
 */
export function* kMeans(points: Tensor, options: KMeansOptions): Generator<void, KMeansFit> {
  const { restarts, initialization, seed, name } = options;
  const distinct = distinctRows(points);
  const clusterCount = Math.min(options.clusterCount, distinct.count);
  const rows = rowsOf(points);
  let best: KMeansFit | undefined;
  for (let restart = 0; restart < Math.max(1, restarts); restart++) {
    const random = randomStream(seed, `k-means ${name} restart ${restart}`);
    const iterations = kmeansGenerator(rows, clusterCount, {
      seed: random.below(2 ** 31),
      initialization:
        initialization === "random" ? randomCentres(rows, distinct, clusterCount, random) : initialization,
      maxIterations: MAX_ITERATIONS,
    });
    let centroids: number[][] = [];
    for (const iteration of iterations) {
      centroids = iteration.centroids;
      yield;
    }
    const fit = measure({ shape: [clusterCount, points.shape[1]], data: Float32Array.from(centroids.flat()) }, points);
    if (best === undefined || fit.inertia < best.inertia) best = fit;
  }
  return best as KMeansFit;
}

/**
 * Assigns once more, to the centroids that are kept: the library's own labels belong to the centres before its last update,
 * and it reports no inertia.
 */
function measure(centroids: Tensor, points: Tensor): KMeansFit {
  const nearest = nearestCentroids(centroids, points);
  return { centroids, nearest, inertia: nearest.squaredDistance.reduce((sum, distance) => sum + distance, 0) };
}

/** Points in random order, each value once: two equal first centres would leave a cell empty from the start. */
function randomCentres(rows: number[][], distinct: DistinctRows, count: number, random: Random): number[][] {
  const seen = new Set<number>();
  const centres: number[][] = [];
  for (const row of random.permutation(rows.length)) {
    if (centres.length === count) break;
    if (seen.has(distinct.ids[row])) continue;
    seen.add(distinct.ids[row]);
    centres.push(rows[row]);
  }
  return centres;
}

function rowsOf({ shape: [rows, width], data }: Tensor): number[][] {
  return Array.from({ length: rows }, (_, r) => Array.from(data.subarray(r * width, (r + 1) * width)));
}
