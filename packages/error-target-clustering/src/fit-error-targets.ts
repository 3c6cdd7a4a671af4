import { type Path, type PathKey, pathKey, QueeError } from "@quee/core";
import { argmaxRows, type Tensor, tensor } from "@quee/tensor";
import { errorFrequency, wrongOnes } from "./error-frequency.js";
import { type Initialization, kMeans } from "./k-means.js";
import type { ProbabilityTable } from "./probability-table.js";

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
 * QuEE (arXiv 2406.14404), sections 4.1 and 5.2. The event loop runs between two iterations.
 */
export async function fitErrorTargets(options: FitErrorTargetsOptions): Promise<ErrorTargets> {
  const { table, clusterCount = 20, restarts = 10, initialization = "random", shrinkage = 1, seed, signal } = options;
  checkOptions(options);
  const byPath = new Map<PathKey, PathClusters>();
  for (const path of table.paths) {
    const key = pathKey(path);
    const points = tensor([table.count, table.classCount], table.probabilities(path));
    checkFinite(points, key);
    const search = kMeans(points, { clusterCount, restarts, initialization, seed, name: key });
    let step = search.next();
    while (!step.done) {
      await nextTurn();
      signal?.throwIfAborted();
      step = search.next();
    }
    const { centroids, nearest, inertia } = step.value;
    const wrong = wrongOnes(argmaxRows(points), table.labels);
    const cells = errorFrequency(nearest.index, wrong, { clusterCount: centroids.shape[0], shrinkage });
    const clusters = { centroids, errorRate: cells.errorRate, sizes: cells.sizes, inertia };
    byPath.set(key, clusters);
    const reduced = centroids.shape[0] < clusterCount;
    options.onPath?.({ path, done: byPath.size, total: table.paths.length, clusters, reduced });
  }
  return { classCount: table.classCount, clusterCount, byPath };
}

/** One turn of the event loop, in which signals and timers are served. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function checkOptions({ table, clusterCount = 20, restarts = 10, shrinkage = 1 }: FitErrorTargetsOptions): void {
  const refuse = (where: string, expected: string, got: number) => {
    throw new QueeError({ code: "E_CLUSTERING_OPTION", kind: "config", where, expected, got: String(got) });
  };
  if (table.count < 1) refuse("validation table", "at least one sample", table.count);
  if (!Number.isInteger(clusterCount) || clusterCount < 1)
    refuse("clusterCount", "a whole number from 1", clusterCount);
  if (!Number.isInteger(restarts) || restarts < 1) refuse("restarts", "a whole number from 1", restarts);
  if (!(shrinkage >= 0 && Number.isFinite(shrinkage))) refuse("shrinkage", "a number from 0", shrinkage);
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
