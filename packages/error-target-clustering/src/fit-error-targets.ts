import { type Path, type PathKey, pathKey, QueeError } from "@quee/core";
import { argmaxRows, type Tensor, tensor } from "@quee/tensor";
import { errorFrequency, wrongOnes } from "./error-frequency.js";
import type { Initialization } from "./initial-centres.js";
import { kMeans } from "./k-means.js";
import { libraryLloyd } from "./library-lloyd.js";
import type { LloydRunner } from "./lloyd-runner.js";
import type { ProbabilityTable } from "./probability-table.js";
import { badOption } from "./refusals.js";

/** The cells Q of one path. */
export interface PathClusters {
  /** [C, K] */
  readonly centroids: Tensor;
  /** [C] p̃e(f_π, Q) */
  readonly errorRate: Float32Array;
  /** [C] validation samples per cell */
  readonly sizes: Int32Array;
  /** Σ ‖p̂ − centroid‖² over the validation samples */
  readonly inertia: number;
}

export interface ErrorTargets {
  readonly classCount: number;
  /** As asked for; a path with fewer distinct p̂ has fewer cells. */
  readonly clusterCount: number;
  readonly byPath: ReadonlyMap<PathKey, PathClusters>;
}

export interface FitErrorTargetsOptions {
  readonly table: ProbabilityTable<"validation">;
  /** C. QuEE, table 3: 20 on CIFAR-10, 70 on SVHN and CIFAR-100, 40 on ImageNet. */
  readonly clusterCount?: number;
  readonly restarts?: number;
  readonly initialization?: Initialization;
  /** κ of the shrinkage, in samples; 0 is the paper's plain frequency. */
  readonly shrinkage?: number;
  readonly seed: number;
  /** What computes k-means; `libraryLloyd` by default. `lloydInPool` is faster and takes as many paths at once as it has workers. */
  readonly lloyd?: LloydRunner;
  /** Called in the order in which paths are done. */
  readonly onPath?: (fitted: FittedPath) => void;
  /** Stops between two iterations. */
  readonly signal?: AbortSignal;
}

export interface FittedPath {
  readonly path: Path;
  /** How many paths are done, and of how many. */
  readonly done: number;
  readonly total: number;
  readonly clusters: PathClusters;
  /** True where the path has fewer distinct p̂ than clusters were asked for. */
  readonly reduced: boolean;
}

/**
 * Discretises the space of p̂_π by k-means for every path and counts the errors of each cell.
 * QuEE (arXiv 2406.14404), sections 4.1 and 5.2. The event loop runs between two iterations. Neither what computes nor how many
 * paths it takes at once changes the targets.
 */
export async function fitErrorTargets(options: FitErrorTargetsOptions): Promise<ErrorTargets> {
  const { table, clusterCount = 20, lloyd = libraryLloyd, onPath } = options;
  checkOptions(options);
  const { paths } = table;
  const fitted = new Map<PathKey, PathClusters>();
  let next = 0;
  const lane = async () => {
    while (next < paths.length) {
      const path = paths[next++];
      try {
        const clusters = await fitPath(path, options);
        fitted.set(pathKey(path), clusters);
        const reduced = clusters.sizes.length < clusterCount;
        onPath?.({ path, done: fitted.size, total: paths.length, clusters, reduced });
      } catch (failure) {
        // The other lanes end with the path that they are at.
        next = paths.length;
        throw failure;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: lloyd.concurrency }, lane));
  for (const ended of lanes) if (ended.status === "rejected") throw ended.reason;
  const byPath = new Map(paths.map((path) => [pathKey(path), fitted.get(pathKey(path)) as PathClusters]));
  return { classCount: table.classCount, clusterCount, byPath };
}

async function fitPath(path: Path, options: FitErrorTargetsOptions): Promise<PathClusters> {
  const { table, clusterCount = 20, restarts = 10, initialization = "random", shrinkage = 1 } = options;
  const { seed, signal, lloyd } = options;
  const name = pathKey(path);
  const points = tensor([table.count, table.classCount], table.probabilities(path));
  checkFinite(points, name);
  const search = { clusterCount, restarts, initialization, seed, name, signal, lloyd };
  const { centroids, nearest, inertia } = await kMeans(points, search);
  const wrong = wrongOnes(argmaxRows(points), table.labels);
  const { errorRate, sizes } = errorFrequency(nearest.index, wrong, { clusterCount: centroids.shape[0], shrinkage });
  return { centroids, errorRate, sizes, inertia };
}

function checkOptions({ table, clusterCount = 20, restarts = 10, shrinkage = 1 }: FitErrorTargetsOptions): void {
  if (table.count < 1) throw badOption("validation table", "at least one sample", table.count);
  if (!Number.isInteger(clusterCount) || clusterCount < 1)
    throw badOption("clusterCount", "a whole number from 1", clusterCount);
  if (!Number.isInteger(restarts) || restarts < 1) throw badOption("restarts", "a whole number from 1", restarts);
  if (!(shrinkage >= 0 && Number.isFinite(shrinkage))) throw badOption("shrinkage", "a number from 0", shrinkage);
}

function checkFinite({ data, shape: [, width] }: Tensor, key: PathKey): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new QueeError({
    code: "E_PROBABILITIES",
    kind: "numeric",
    where: `path ${key}, sample ${Math.floor(at / width)}, class ${at % width}`,
    expected: "a finite probability",
    got: String(data[at]),
  });
}
