import { type CostTable, costOf, type Path, type PathKey, pathKey } from "@quee/core";

/** The candidates that a gate considers, out of all that begin with `prefix`. */
export type Among = (candidates: readonly Path[], prefix: Path) => readonly Path[];

export interface ChoiceOptions {
  /** What λ weighs against predicted errors. */
  readonly costs: CostTable;
  /** What is told and limited: costs of points of a sweep, and `maxCost`. By default what λ weighs. */
  readonly counted?: CostTable;
  /**
   * What an image may cost: no dearer path is chosen. Where that leaves nothing, as costs that fall along a path may bring about,
   * the image leaves with what it has paid. No limit by default.
   */
  readonly maxCost?: number;
  /** See `sampledCandidates` and `resampledCandidates`. All by default. */
  readonly among?: Among;
}

/** Why a candidate is not considered. */
export type Refusal = "above-max-cost" | "not-sampled";

/** What a gate may choose between, cheapest first: with it, "ties go to the earlier" means "to the cheaper". */
export interface Choices {
  /** Position of each choice among the candidates, cheapest first; equal costs keep their order. Empty where nothing may be chosen. */
  readonly order: Int32Array;
  /** Ascending, like `order`. */
  readonly cost: Float64Array;
  readonly refused: ReadonlyMap<number, Refusal>;
}

export function choicesAt(
  prefix: Path,
  candidates: readonly Path[],
  { costs, counted = costs, maxCost = Number.POSITIVE_INFINITY, among }: ChoiceOptions,
): Choices {
  const considered = among === undefined ? null : new Set<PathKey>(among(candidates, prefix).map(pathKey));
  const refused = new Map<number, Refusal>();
  const given = candidates.map((path, a) => {
    const cost = costOf(costs, path);
    if (considered !== null && !considered.has(pathKey(path))) refused.set(a, "not-sampled");
    else if (costOf(counted, path) > maxCost) refused.set(a, "above-max-cost");
    return cost;
  });
  const allowed = Int32Array.from(given.keys()).filter((a) => !refused.has(a));
  const order = allowed.sort((a, b) => given[a] - given[b] || a - b);
  return { order, cost: Float64Array.from(order, (a) => given[a]), refused };
}

/** `choicesAt`, once per list of candidates: a predictor gives the same list every time it is asked behind a prefix. */
export function rememberedChoices(options: ChoiceOptions): (prefix: Path, candidates: readonly Path[]) => Choices {
  const known = new WeakMap<readonly Path[], { readonly length: number; readonly choices: Choices }>();
  return (prefix, candidates) => {
    const found = known.get(candidates);
    // All candidates begin with the prefix, so its length says which it is.
    if (found?.length === prefix.length) return found.choices;
    const choices = choicesAt(prefix, candidates, options);
    known.set(candidates, { length: prefix.length, choices });
    return choices;
  };
}
