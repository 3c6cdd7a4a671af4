import { heldOut, type RecipeChange, together } from "./recipe.js";

/** One change to the letter of the paper. */
export interface NamedChange {
  readonly name: string;
  /** Changes of one group exclude each other. */
  readonly group:
    | "shrinkage"
    | "routing cost"
    | "targets"
    | "features"
    | "heads"
    | "logits"
    | "calibration"
    | "planning"
    | "reading"
    | "training";
  readonly change: RecipeChange;
  /** The row that differs from this one in the idea alone, where that is not the letter. */
  readonly against?: string;
}

const change = (group: NamedChange["group"], name: string, ...parts: RecipeChange[]): NamedChange => ({
  group,
  name,
  change: together(parts),
});

const unquantized = "the run's heads, unquantized";
const trainedOn = "heads trained on at full precision, unquantized";

/** The ideas, each by itself. */
export const changes: readonly NamedChange[] = [
  change("shrinkage", "cells shrunk by κ = 1", { cells: { shrinkage: 1 } }),
  change("shrinkage", "cells shrunk by κ = 10", { cells: { shrinkage: 10 } }),
  change("routing cost", "routing weighs what reports count", { routingCost: "with-stem" }),
  change("targets", "cells, learnt on held-out images", heldOut),
  change("targets", "outcomes, squared error, on training images", { targets: "outcomes" }),
  change("targets", "outcomes, cross-entropy, on training images", { targets: "outcomes", loss: "bce" }),
  change("targets", "outcomes, squared error, on held-out images", heldOut, { targets: "outcomes" }),
  change("targets", "outcomes, cross-entropy, on held-out images", heldOut, { targets: "outcomes", loss: "bce" }),
  change("targets", "cells and outcomes, half each, on held-out images", heldOut, { targets: "mixed" }),
  change("targets", "DOCTOR β with Platt's correction as target", { targets: "doctor-beta-platt" }),
  change("features", "also the three largest probabilities", { features: "top-probabilities" }),
  change("features", "also whether the last two exits agree", { features: "agreement" }),
  change("features", "also both of these", { features: "both" }),
  change("features", "also eight principal directions of the class token", { features: "class-token" }),
  change("features", "also the class token as it is", { features: "class-token-whole" }),
  change("heads", unquantized, { heads: "unquantized" }),
  { ...change("heads", trainedOn, { heads: "trained-on" }), against: unquantized },
  {
    ...change("heads", "heads retrained on quantized features, paths mixed, unquantized", { heads: "path-mixed" }),
    against: trainedOn,
  },
  {
    ...change("heads", "gates learn on answers of cross-fitted heads, unquantized", { heads: "cross-fitted" }),
    against: unquantized,
  },
  change("logits", "a scale and biases of the logits per exit and bits", { logits: "affine" }),
  change("calibration", "gates with Platt's correction", { calibration: "platt" }),
  change("calibration", "gates with isotonic correction", { calibration: "isotonic" }),
  change("planning", "cost-to-go, learnt on training images", { planning: "closed-loop" }),
  change("planning", "cost-to-go, learnt on held-out images", heldOut, { planning: "closed-loop" }),
  change("reading", "reading B of equation 15", { network: { reading: "B" } }),
  change("reading", "reading C of equation 15", { network: { reading: "C" } }),
  change("training", "learning rate 0.005", { network: { learningRate: 0.005 } }),
];
