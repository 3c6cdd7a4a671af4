import type { CostModel } from "@quee/cost-model";
import type { Reading } from "@quee/gate-predictors";
import type { Config } from "../config/schema.js";

/** Everything that may differ between two ways to make and to ask gates. The letter of the paper is `letterOf`. */
export interface GateRecipe {
  readonly cells: {
    readonly count: number;
    /** That cells are fitted on; by default all. */
    readonly images?: number | undefined;
    readonly restarts: number;
    readonly initialization: "random" | "kmeans++";
    /** κ */
    readonly shrinkage: number;
  };
  /** What gates learn: p̃e of cells, 0/1 outcomes, half of each, or DOCTOR's 1 − Σp̂² and 1 − max p̂, as they are or with Platt's correction. */
  readonly targets: "cells" | "outcomes" | "mixed" | DoctorTargets;
  /** The images that gates learn on: heads were fitted on `train`, nothing on `held-out`. */
  readonly images: "train" | "held-out";
  readonly loss: "mse" | "bce";
  /** What gates see beyond equation 13. The class token is what the last head read: eight principal directions of it, or all of it. */
  readonly features: Config["gates"]["features"] | "class-token" | "class-token-whole";
  /**
   * Whose answers all tables hold.
   * - `as-trained`: the run's heads, trained at full precision and quantized at the bits of their block.
   *
   * The others are float32:
   * - `unquantized`: the same heads.
   * - `trained-on`: the same, trained on at full precision; what `path-mixed` is to be compared with.
   * - `path-mixed`: one per exit, the last too, retrained on quantized features of all paths that end there.
   * - `cross-fitted`: on training images heads that were fitted on the other half of them, elsewhere as `unquantized`.
   *
   * Costs count every head at the bits of its block: quantized again it would run so.
   */
  readonly heads: "as-trained" | "unquantized" | "trained-on" | "path-mixed" | "cross-fitted";
  /** `affine`: a scale and biases per exit and bits, fitted on held-out images, correct the logits before anything else. */
  readonly logits: "plain" | "affine";
  /** Correction of predicted errors on images that trained no gate. */
  readonly calibration: "none" | "platt" | "isotonic";
  /** What a gate compares: whole paths (equation 9), its own next step (section 7.3), or its cost-to-go. */
  readonly planning: "whole-paths" | "next-step" | "closed-loop";
  /** Which cost the router weighs with λ. Reports count the cost of the config, whatever this is. */
  readonly routingCost: CostModel;
  /** Which paths there are: a number is that many, drawn once for clusters, gates and routing (section 5.2). */
  readonly paths: "all" | number;
  /** Which of them a gate considers: a number is that many, drawn anew at each gate (section 4, below equation 9). */
  readonly candidates: "all" | "early-exit-only" | "quantization-only" | number;
  readonly network: NetworkRecipe;
}

export type DoctorTargets = "doctor-alpha" | "doctor-beta" | "doctor-alpha-platt" | "doctor-beta-platt";

export interface NetworkRecipe {
  readonly reading: Reading;
  /** Reading B has none and does not look at it. */
  readonly embedding: number;
  readonly hidden: number;
  readonly learningRate: number;
  readonly weightDecay: number;
  readonly batchSize: number;
  readonly maxEpochs: number;
  readonly patience: number;
}

export interface RecipeChange extends Partial<Omit<GateRecipe, "cells" | "network">> {
  readonly cells?: Partial<GateRecipe["cells"]>;
  readonly network?: Partial<NetworkRecipe>;
}

export function changed(recipe: GateRecipe, change: RecipeChange): GateRecipe {
  return {
    ...recipe,
    ...change,
    cells: { ...recipe.cells, ...change.cells },
    network: { ...recipe.network, ...change.network },
  };
}

/** Several changes as one; of two that say something about the same thing the later holds. */
export function together(changes: readonly RecipeChange[]): RecipeChange {
  return Object.assign({}, ...changes, {
    cells: Object.assign({}, ...changes.map(({ cells }) => cells)),
    network: Object.assign({}, ...changes.map(({ network }) => network)),
  });
}

/** Held-out images are few: smaller batches, so that an epoch still has steps, and more epochs. */
export const heldOut: RecipeChange = {
  images: "held-out",
  network: { batchSize: 64, maxEpochs: 40, patience: 3 },
};
