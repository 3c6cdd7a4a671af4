import type { Path, SplitRole } from "@quee/core";
import { type ExitHead, type FeatureSplit, type HeadTrainingSettings, trainExitHeads } from "@quee/exit-heads";
import { dealFolds } from "@quee/gate-predictors";
import { exitFeatureRowsOf, type PathTable } from "@quee/path-tables";

export interface CrossFitHeadsOptions extends HeadTrainingSettings {
  /** Carries what heads read along `paths`. */
  readonly train: PathTable<"train">;
  /** The same, for early stopping. */
  readonly validation: PathTable<"validation">;
  /** Full-precision paths to the exits 1 … E − 1, as the heads of a run are trained on. */
  readonly paths: readonly Path[];
  /** Stays the last one of every fold: it was trained with the backbone, on all images. */
  readonly finalHead: ExitHead;
}

export interface CrossFittedHeads {
  /** [N], the fold of each training sample. */
  readonly foldOf: Uint8Array;
  /** By fold, of the exits 1 … E: they were fitted on the samples of the other folds. */
  readonly heads: readonly (readonly ExitHead[])[];
}

const foldCount = 2;

/** Heads for each half of the training images, trained as the run trains its own, but on the other half. */
export async function crossFitHeads(options: CrossFitHeadsOptions): Promise<CrossFittedHeads> {
  const { train, validation, paths, finalHead, ...settings } = options;
  const folds = dealFolds(train.count, foldCount, settings.seed);
  const foldOf = new Uint8Array(train.count);
  for (const [fold, samples] of folds.entries()) for (const sample of samples) foldOf[sample] = fold;
  const all = Int32Array.from({ length: validation.count }, (_, i) => i);
  const heads: ExitHead[][] = [];
  for (let fold = 0; fold < foldCount; fold++) {
    const others = Int32Array.from({ length: train.count }, (_, i) => i).filter((i) => foldOf[i] !== fold);
    const trained = await trainExitHeads({
      ...settings,
      train: featuresOf(train, paths, others),
      validation: featuresOf(validation, paths, all),
      classCount: train.classCount,
    });
    heads.push([...trained, finalHead]);
  }
  return { foldOf, heads };
}

function featuresOf<Role extends SplitRole>(
  table: PathTable<Role>,
  paths: readonly Path[],
  samples: Int32Array,
): FeatureSplit<Role> {
  const { role, classCount } = table;
  const features = paths.map((path) => {
    const data = exitFeatureRowsOf(table, path, samples);
    return { shape: [samples.length, data.length / samples.length], data };
  });
  return { role, classCount, count: samples.length, labels: samples.map((i) => table.labels[i] as number), features };
}
