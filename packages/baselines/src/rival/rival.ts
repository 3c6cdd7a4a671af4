import type { CostTable, Path, PathSpace, Policy } from "@quee/core";
import type { PathTable, Replay } from "@quee/path-tables";

/** What a rival pays besides stem and blocks: enough to price its paths under every model of cost. */
export interface Pays {
  /** `every-exit`: the head of each exit passed. `last-exit`: only that of the exit it leaves by, as static networks do. */
  readonly heads: "every-exit" | "last-exit";
  /** Multiply-accumulates per image of what decides before block 2 … E, at 32 bits. */
  readonly gateMacs: readonly number[];
}

/** One way to set a rival: a λ, a threshold, a path. */
export interface RivalSetting {
  /** Names it within the rival, in figures and results. */
  readonly setting: number | string;
  /** Bits of block 1, where they are chosen with the setting for all images alike. */
  readonly firstBits?: number;
  /** What the live runtime executes too; null of a bound that knows what no policy can see. */
  readonly policy: Policy | null;
  /** Where it sends the samples of a table and whether it is right there. */
  replay(table: PathTable): Replay;
}

export interface RivalInputs {
  readonly space: PathSpace;
  readonly train: PathTable<"train">;
  /** For early stopping, fitted thresholds and the choice of operating points. */
  readonly validation: PathTable<"validation">;
  /** Prices every path of the tables for a method that pays this. */
  readonly costs: (pays: Pays) => CostTable;
  readonly seed: number;
  /**
   * What a training may hold of the samples of one table. Of more it reads window after window of files in every epoch, so that memory
   * does not grow with the samples; of fewer nothing depends on it. Default 1 GiB.
   */
  readonly memoryBytes?: number;
  /** Called after each training of a network. */
  readonly onTraining?: (trainings: number) => void;
  readonly signal?: AbortSignal;
}

/** What must have been collected before `fit`. */
export interface RivalNeeds {
  /** Of the training images: paths with all their prefixes. */
  readonly trainPaths: readonly Path[];
  /** Of the images that it is validated and tested on. */
  readonly paths: readonly Path[];
  /** Of all images: paths whose `exitFeatures` it reads. */
  readonly featurePaths: readonly Path[];
}

/** What `fit` of a rival gives. */
export interface RivalSettings {
  readonly pays: Pays;
  /** Trainings of a network that all settings together took; counting and sorting validation images is none. */
  readonly trainings: number;
  readonly settings: readonly RivalSetting[];
}

/** A method to compare with, in the form that lets all be fitted, replayed and drawn alike. */
export interface Rival {
  /** As in results: `jei-dnn`, `threshold-entropy`, … */
  readonly name: string;
  /** A ceiling knows too much to be beaten, a floor nothing. */
  readonly role: "rival" | "ceiling" | "floor";
  /** What the settings are values of: `lambda`, `threshold`, … */
  readonly parameter: string;
  needs(space: PathSpace): RivalNeeds;
  fit(inputs: RivalInputs): Promise<RivalSettings>;
}
