import type { PathSpace } from "@quee/core";
import { type ExtraFeature, fitTokenProjections } from "@quee/gate-predictors";
import { exitFeatureRowsOf, type PathTable } from "@quee/path-tables";
import { extraFeatures } from "../stages/gate-choices.js";
import type { GateRecipe } from "./recipe.js";

/** Whether gates look at what heads have read: their tables must carry it. */
export function looksAtTokens(features: GateRecipe["features"]): boolean {
  return features === "class-token" || features === "class-token-whole";
}

/**
 * What gates see beyond equation 13, by the recipe's word for it.
 * @param train carries exit features where gates look at tokens; projections are fitted on it
 */
export function extraFeaturesOf(
  features: GateRecipe["features"],
  { train, space, seed }: { readonly train: PathTable<"train">; readonly space: PathSpace; readonly seed: number },
): readonly ExtraFeature[] {
  switch (features) {
    case "class-token": {
      const { exitCount } = space;
      return [{ kind: "projected-token", byExit: fitTokenProjections({ table: train, exitCount, seed }) }];
    }
    case "class-token-whole":
      return [{ kind: "class-token", width: exitFeatureRowsOf(train, train.paths[0] ?? [], [0]).length }];
    default:
      return extraFeatures[features];
  }
}
