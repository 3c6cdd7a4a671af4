import type { Pays } from "@quee/baselines";
import { type CostTable, legalPaths, type Path, type PathKey, pathKey, uniformPaths } from "@quee/core";
import { type CostModel, pathCostTable } from "@quee/cost-model";
import type { Gates } from "@quee/gate-predictors";
import type { Config } from "../config/schema.js";
import { levelsOf, pathSpaceOf } from "../run/run.js";
import type { Prepared } from "../stages/prepare.js";

export const costModels = ["with-stem", "blocks-only", "weights-times-activations"] as const satisfies CostModel[];

/** What every path costs a method that pays so much besides. */
export type Prices = (pays: Pays) => CostTable;

/** @param paths any of quantized levels @param model how cost is counted; default that of the config */
export function pricesOf(
  config: Config,
  { anatomy }: Pick<Prepared, "anatomy">,
  paths: readonly Path[],
  model: CostModel = config.cost.model,
): Prices {
  const all = [
    ...new Map<PathKey, Path>([...legalPaths(pathSpaceOf(config)), ...paths].map((p) => [pathKey(p), p])).values(),
  ];
  const levels = levelsOf(config);
  return ({ heads, gateMacs }) =>
    pathCostTable({ macs: anatomy.macs, gateMacs, paths: all, levels, model, headsPaid: heads });
}

/** What QuEE pays: every head and gate passed. The gate behind the most bits has the most candidates: none at its exit costs more. */
export function queePays(config: Config, gates: Gates): Pays {
  const { exitCount } = pathSpaceOf(config);
  const [most] = levelsOf(config);
  if (most === undefined) throw new RangeError("a config has at least one level");
  return { heads: "every-exit", gateMacs: uniformPaths(most, exitCount - 1).map((prefix) => gates.macs(prefix)) };
}
