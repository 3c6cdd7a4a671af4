import { prepareGateData } from "@quee/gate-predictors";
import { dealt, learnedAndStopping } from "../stages/gate-choices.js";
import { planClosedLoop } from "./planning/closed-loop.js";
import { planNextStep } from "./planning/next-step.js";
import { planWholePaths } from "./planning/whole-paths.js";
import type { GateRecipe } from "./recipe.js";
import { extraFeaturesOf } from "./recipe-features.js";
import type { ReadyToTrain, RecipeRouter, RouterOptions } from "./recipe-router.js";
import { targetsFor } from "./recipe-targets.js";

const planBy: Readonly<Record<GateRecipe["planning"], (ready: ReadyToTrain) => Promise<RecipeRouter>>> = {
  "whole-paths": planWholePaths,
  "next-step": planNextStep,
  "closed-loop": planClosedLoop,
};

/** Makes gates as the recipe says, and the router that asks them. */
export async function routerOf(options: RouterOptions): Promise<RecipeRouter> {
  const { recipe, parts, space, seed, lloyd, signal } = options;
  const isCorrected = recipe.calibration !== "none";
  const [fitting, correcting] = isCorrected
    ? dealt(parts.fit, 3 / 5, seed, "images that correct gates")
    : [parts.fit, parts.fit];
  const [learned, stopping] = learnedAndStopping(fitting, seed);
  const targets = await targetsFor({ recipe, space, table: fitting, seed, lloyd, signal });
  const data = prepareGateData({
    train: recipe.images === "train" ? parts.train : learned,
    validation: recipe.images === "train" ? fitting : stopping,
    space,
    extraFeatures: extraFeaturesOf(recipe.features, { train: parts.train, space, seed }),
  });
  return planBy[recipe.planning]({ ...options, targets, data, correcting });
}
