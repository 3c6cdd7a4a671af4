import { legalPaths, type PathSpace } from "@quee/core";
import {
  calibrated,
  type ErrorEstimator,
  type ErrorTargets,
  fitErrorTargets,
  type LloydRunner,
  outcomeTargets,
  uncertaintyEstimator,
} from "@quee/error-target-clustering";
import type { TableTargets } from "@quee/gate-predictors";
import type { PathTable } from "@quee/path-tables";
import { clusteredImages } from "../stages/cluster.js";
import { learnt } from "../stages/gate-choices.js";
import type { DoctorTargets, GateRecipe } from "./recipe.js";

export interface TargetOptions {
  readonly recipe: Pick<GateRecipe, "cells" | "targets">;
  readonly space: PathSpace;
  /** What cells and corrections are fitted on. */
  readonly table: PathTable<"validation">;
  readonly seed: number;
  readonly lloyd: LloydRunner;
  readonly signal: AbortSignal;
}

/** What gates learn. */
export async function targetsFor(options: TargetOptions): Promise<TableTargets> {
  const estimator = await estimatorFor(options);
  return (path, table) => estimator.estimate(path, table);
}

async function estimatorFor(options: TargetOptions): Promise<ErrorEstimator> {
  const { targets } = options.recipe;
  switch (targets) {
    case "outcomes":
      return outcomeTargets;
    case "cells":
    case "mixed":
      return learnt[targets](await cellsFor(options));
    default:
      return doctor(targets, options.table);
  }
}

/** Many recipes share their cells: kept as long as the table is. */
const known = new WeakMap<PathTable, Map<string, Promise<ErrorTargets>>>();

export function cellsFor({ recipe, space, table, seed, lloyd, signal }: TargetOptions): Promise<ErrorTargets> {
  const paths = legalPaths(space);
  const ofTable = known.get(table) ?? new Map<string, Promise<ErrorTargets>>();
  known.set(table, ofTable);
  const key = JSON.stringify([recipe.cells, seed, paths]);
  const { count, images, ...cells } = recipe.cells;
  const fitted = clusteredImages({ ...table, paths }, images, seed);
  const fit = () => fitErrorTargets({ table: fitted, ...cells, clusterCount: count, seed, lloyd, signal });
  const found = ofTable.get(key) ?? fit();
  ofTable.set(key, found);
  return found;
}

function doctor(targets: DoctorTargets, table: PathTable<"validation">): ErrorEstimator {
  const raw = uncertaintyEstimator(targets.startsWith("doctor-alpha") ? "doctor-alpha" : "doctor-beta");
  return targets.endsWith("-platt") ? calibrated(raw, { table, method: "platt" }) : raw;
}
