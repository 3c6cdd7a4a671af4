import type { Path, PathSpace, SplitRole } from "@quee/core";
import type { ExtraFeature } from "./extra-features.js";
import { areKept, type FeatureSource, featureSource } from "./feature-source.js";
import { type FeatureWindows, featureWindows } from "./feature-windows.js";
import { gateFeatureCount } from "./gate-features.js";
import { gatePairs, type PathTargets } from "./pairs.js";
import type { ProbabilityTable } from "./probability-table.js";
import { remembered, type TableTargets } from "./remembered.js";

/** Tables made ready for any number of trainings: features are computed once, and targets once per function. */
export interface GateData {
  readonly space: PathSpace;
  readonly classCount: number;
  readonly extraFeatures: readonly ExtraFeature[];
  readonly train: PreparedTable;
  /** Only for early stopping. */
  readonly validation: PreparedTable;
}

export interface PreparedTable {
  readonly table: ProbabilityTable<SplitRole>;
  readonly features: FeatureSource;
  /** How to go through samples whose features do not fit into memory, for one gate; null where any order will do. */
  readonly windows: (prefixes: readonly Path[]) => FeatureWindows | null;
  readonly targetsOf: (targets: TableTargets) => PathTargets;
}

export interface PrepareGateDataOptions {
  /** Validation images may train gates too: neither the backbone nor the heads have seen them. */
  readonly train: ProbabilityTable<"train"> | ProbabilityTable<"validation">;
  /** Only for early stopping. */
  readonly validation: ProbabilityTable<"validation">;
  readonly space: PathSpace;
  /** What gates look at beyond equation 13. Default: nothing. */
  readonly extraFeatures?: readonly ExtraFeature[];
  /**
   * Features of a table that need more are computed anew for every batch; where such a table lies in files, for a window of
   * samples after the other, each as large as this. Default 512 MiB per table.
   */
  readonly memoryBytes?: number;
}

export function prepareGateData(options: PrepareGateDataOptions): GateData {
  const { train, validation, space, extraFeatures = [], memoryBytes = 512 * 2 ** 20 } = options;
  const prefixCount = gatePairs(space).reduce((sum, { prefixes }) => sum + prefixes.length, 0);
  const prepare = (table: ProbabilityTable<SplitRole>): PreparedTable => {
    const known = new WeakMap<TableTargets, PathTargets>();
    const source = { table, extras: extraFeatures, prefixCount, memoryBytes };
    const features = featureSource(source);
    const width = gateFeatureCount(table.classCount, extraFeatures);
    return {
      table,
      features,
      windows: (prefixes) =>
        table.runs === undefined || areKept(source)
          ? null
          : featureWindows({ compute: features, width, prefixes, runs: table.runs, memoryBytes }),
      targetsOf(targets) {
        const found = known.get(targets) ?? remembered(targets, table);
        known.set(targets, found);
        return found;
      },
    };
  };
  return {
    space,
    classCount: train.classCount,
    extraFeatures,
    train: prepare(train),
    validation: prepare(validation),
  };
}
