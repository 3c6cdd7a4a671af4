import { randomStream, type Tensor } from "@quee/tensor";
import { distinctRows } from "./distinct-rows.js";
import { type Initialization, initialCentres } from "./initial-centres.js";
import { libraryLloyd } from "./library-lloyd.js";
import type { LloydRunner } from "./lloyd-runner.js";
import type { Nearest } from "./nearest-centroids.js";
import { nextTurn } from "./next-turn.js";

export interface KMeansOptions {
  readonly clusterCount: number;
  /** Independent starts, at least one; the one with the least inertia is kept, the earlier of equals. */
  readonly restarts: number;
  readonly initialization: Initialization;
  readonly seed: number;
  /** Name of the random stream, so that two data sets under one seed start differently. */
  readonly name: string;
  /** Stops between two iterations. */
  readonly signal?: AbortSignal | undefined;
  /** What computes; `libraryLloyd` by default. */
  readonly lloyd?: LloydRunner | undefined;
}

export interface KMeansFit {
  /** [C, K]; C is below the asked number where the data has fewer distinct points */
  readonly centroids: Tensor;
  readonly nearest: Nearest;
  /** Σ ‖x − centroid(x)‖² */
  readonly inertia: number;
}

/**
 * Lloyd's k-means with restarts, in squared L2. The event loop runs between iterations.
 * @param points [N, K], N ≥ 1
 */
export async function kMeans(points: Tensor, options: KMeansOptions): Promise<KMeansFit> {
  const { restarts, initialization, seed, name, signal, lloyd = libraryLloyd } = options;
  const distinct = distinctRows(points);
  const clusterCount = Math.min(options.clusterCount, distinct.count);
  const search = lloyd.load(points, clusterCount);
  const oneStart = async (restart: number): Promise<KMeansFit> => {
    await nextTurn();
    signal?.throwIfAborted();
    const random = randomStream(seed, `k-means ${name} restart ${restart}`);
    const centres = initialCentres(points, { initialization, distinct, count: clusterCount, random });
    const { shape, data } = await search.converge(centres, signal);
    const centroids = { shape, data: Float32Array.from(data) };
    // Assigned once more, to the centroids that are kept: Lloyd's last assignment was to the centres before its last update.
    const nearest = await search.nearest(centroids);
    return { centroids, nearest, inertia: nearest.squaredDistance.reduce((sum, distance) => sum + distance, 0) };
  };
  try {
    const starts = await Promise.allSettled(Array.from({ length: Math.max(1, restarts) }, (_, r) => oneStart(r)));
    return starts.map(valueOrThrow).reduce((best, fit) => (fit.inertia < best.inertia ? fit : best));
  } finally {
    search.release();
  }
}

function valueOrThrow<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
