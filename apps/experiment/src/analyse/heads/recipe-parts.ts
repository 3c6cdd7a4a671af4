import { legalPaths, type PathSpace, type SplitRole } from "@quee/core";
import { fitLogitAffines, leastProbability, withLogitAffines } from "@quee/exit-heads";
import { type PathTable, withExitFeatures } from "@quee/path-tables";
import type { OpenedRun } from "../../run/open-run.js";
import type { Fingerprinted } from "../../run/run.js";
import type { Tables } from "../../stages/collect.js";
import { type Parts, partsOf } from "../parts.js";
import type { GateRecipe } from "../recipe.js";
import { looksAtTokens } from "../recipe-features.js";
import { answeredTables } from "./answered-tables.js";
import { featureTables } from "./feature-tables.js";

export type RecipeParts = (recipe: Pick<GateRecipe, "heads" | "features" | "logits">, seed: number) => Promise<Parts>;

/**
 * The images of a seed as a recipe sees them: answered by its heads, with its logits, with what heads read where its gates look at that.
 * The same object for recipes that agree in all this, so that they can share trainings.
 * @param plain of the run's own tables
 */
export function recipePartsOf(opened: OpenedRun, space: PathSpace, plain: (seed: number) => Parts): RecipeParts {
  let collected: Promise<Tables & Fingerprinted> | undefined;
  const headed: RecipeParts = async ({ heads, features: seen }, seed) => {
    if (heads === "as-trained" && !looksAtTokens(seen)) return plain(seed);
    const features = await (collected ??= featureTables(opened, space));
    const tables =
      heads === "as-trained" ? opened.tables : await answeredTables({ opened, features, space, heads, seed });
    return partsOf(withFeatures(tables, features), legalPaths(space), seed);
  };

  const zero = leastProbability[opened.run.config.tables.elements];
  const known = new Map<string, Promise<Parts>>();
  const partsFor: RecipeParts = (recipe, seed) => {
    const { heads, logits, features } = recipe;
    const key = JSON.stringify([heads, logits, looksAtTokens(features), seed]);
    const make = () =>
      logits === "plain"
        ? headed(recipe, seed)
        : partsFor({ ...recipe, logits: "plain" }, seed).then((parts) => corrected(parts, zero));
    const found = known.get(key) ?? make();
    known.set(key, found);
    return found;
  };
  return partsFor;
}

function withFeatures(tables: Tables, features: Tables): Tables {
  return {
    train: withExitFeatures(tables.train, features.train),
    validation: withExitFeatures(tables.validation, features.validation),
    test: withExitFeatures(tables.test, features.test),
  };
}

function corrected(parts: Parts, zero: number): Parts {
  const affines = fitLogitAffines(parts.fit, { zero });
  const of = <Role extends SplitRole>(table: PathTable<Role>) => withLogitAffines(table, affines, { zero });
  return { train: of(parts.train), fit: of(parts.fit), choose: of(parts.choose), test: of(parts.test) };
}
