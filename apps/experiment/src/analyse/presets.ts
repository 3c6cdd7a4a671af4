import type { Config } from "../config/schema.js";
import { changed, type GateRecipe } from "./recipe.js";

/** What the run itself does. */
export function recipeOf({ heads, clusters, gates, cost }: Config): GateRecipe {
  const { targets, images, loss, features, ...network } = gates;
  return {
    cells: clusters,
    ...{ targets, images, loss, features, network },
    ...{ heads: "as-trained", logits: heads.logits },
    calibration: "none",
    planning: "whole-paths",
    routingCost: cost.routing ?? cost.model,
    paths: "all",
    candidates: "all",
  };
}

/** The letter of QuEE (arXiv 2406.14404): plain frequencies in cells (equation 11), costs of blocks alone (equation 17). */
export function letterOf(config: Config): GateRecipe {
  return changed(recipeOf(config), {
    cells: { shrinkage: 0 },
    ...{ targets: "cells", images: "train", loss: "mse", features: "equation-13" },
    logits: "plain",
    routingCost: "blocks-only",
  });
}
