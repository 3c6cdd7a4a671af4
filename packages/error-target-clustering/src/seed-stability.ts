import { type Path, type PathKey, pathKey } from "@quee/core";
import { adjustedRandIndex, mean } from "@quee/metrics";
import { tensor } from "@quee/tensor";
import { clustersOf, targetsOf } from "./assign-targets.js";
import { type ErrorTargets, type FitErrorTargetsOptions, fitErrorTargets } from "./fit-error-targets.js";
import { nearestCentroids } from "./nearest-centroids.js";
import type { ProbabilityTable } from "./probability-table.js";
import { badOption } from "./refusals.js";

export interface SeedStabilityOptions extends Omit<FitErrorTargetsOptions, "seed" | "onPath"> {
  /** At least two. */
  readonly seeds: readonly number[];
}

/** Agreement of what different seeds find; each number a mean over the pairs of seeds. */
export interface Stability {
  /** Mean over the samples of |Δp̃e|. */
  readonly targetDifference: number;
  /** 1 where the cells are the same, about 0 where they have nothing in common. */
  readonly adjustedRand: number;
  /** (largest inertia − least) / least over the seeds; 0 where all have none. */
  readonly inertiaSpread: number;
}

export interface SeedStability extends Stability {
  readonly clusterCount: number;
  /** The numbers above are their means. */
  readonly byPath: readonly (Stability & { readonly path: PathKey })[];
}

/** How much the targets depend on the random starts: the same samples, clustered once per seed. */
export async function seedStability(options: SeedStabilityOptions): Promise<SeedStability> {
  const { seeds, ...fitting } = options;
  const { table } = options;
  if (new Set(seeds).size < 2 || table.count < 2) {
    const got = `${new Set(seeds).size} and ${table.count}`;
    throw badOption("stability over seeds", "at least two different seeds and two samples", got);
  }
  const fits: ErrorTargets[] = [];
  for (const seed of new Set(seeds)) fits.push(await fitErrorTargets({ ...fitting, seed }));
  const byPath = table.paths.map((path) => ({ path: pathKey(path), ...stabilityOn(path, fits, table) }));
  const over = (measure: keyof Stability) => mean(byPath.map((one) => one[measure])) ?? 0;
  return {
    clusterCount: fits[0].clusterCount,
    targetDifference: over("targetDifference"),
    adjustedRand: over("adjustedRand"),
    inertiaSpread: over("inertiaSpread"),
    byPath,
  };
}

function stabilityOn(path: Path, fits: readonly ErrorTargets[], table: ProbabilityTable<"validation">): Stability {
  const points = tensor([table.count, table.classCount], table.probabilities(path));
  const clusters = fits.map((fit) => clustersOf(fit, path));
  const cells = clusters.map(({ centroids }) => nearestCentroids(centroids, points).index);
  const targets = fits.map((fit) => targetsOf(fit, path, table));
  const pairs = fits.flatMap((_, a) => fits.slice(a + 1).map((_, after) => [a, a + 1 + after] as const));
  const inertias = clusters.map(({ inertia }) => inertia);
  const [least, most] = [Math.min(...inertias), Math.max(...inertias)];
  return {
    targetDifference: mean(pairs.map(([a, b]) => meanDifference(targets[a], targets[b]))) as number,
    adjustedRand: mean(pairs.map(([a, b]) => adjustedRandIndex({ a: cells[a], b: cells[b] }) as number)) as number,
    inertiaSpread: least === 0 ? 0 : (most - least) / least,
  };
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return mean(Float64Array.from(a, (value, i) => Math.abs(value - b[i]))) as number;
}
