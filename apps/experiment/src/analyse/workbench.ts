import { stageKey } from "@quee/artifacts";
import { type CostTable, costOf, legalPaths, type Path, type PathSpace, samplePaths, uniformPaths } from "@quee/core";
import { type CostModel, pathCostTable } from "@quee/cost-model";
import { type LloydRunner, lloydInPool } from "@quee/error-target-clustering";
import { type GateArchitecture, gateMacs } from "@quee/gate-predictors";
import type { CostRange } from "@quee/metrics";
import { randomStream } from "@quee/tensor";
import type { OpenedRun } from "../run/open-run.js";
import { headTrainingOf, levelsOf, pathSpaceOf, type Run } from "../run/run.js";
import { type RecipeParts, recipePartsOf } from "./heads/recipe-parts.js";
import { accuracyAlong, type Outcome, outcomeOf, outcomeSchema } from "./outcome.js";
import { type Parts, partsOf } from "./parts.js";
import { letterOf, recipeOf } from "./presets.js";
import type { GateRecipe } from "./recipe.js";
import type { RecipeRouter } from "./recipe-router.js";
import { routerOf } from "./router-of.js";

/** Counts up whenever a recipe with the same inputs would come to something else. */
const outcomeVersion = 3;
/** The same for what only recipes with corrected logits have. */
const affineVersion = 2;

/** The tables of a run, and what analyses make of them; whatever two of them share is made once. */
export interface Workbench {
  readonly run: Run;
  readonly opened: OpenedRun;
  readonly space: PathSpace;
  readonly seeds: readonly number[];
  readonly letter: GateRecipe;
  readonly own: GateRecipe;
  /** All blocks at the most bits. */
  readonly whole: Path;
  readonly range: CostRange;
  /** For axes. */
  readonly costWords: string;
  costs(gateMacs: readonly number[], model?: CostModel): CostTable;
  parts(seed: number): Parts;
  /** The same as a recipe sees them. */
  partsFor: RecipeParts;
  lloyd(): Promise<LloydRunner>;
  /** Makes the gates anew. */
  router(recipe: GateRecipe, seed: number): Promise<RecipeRouter>;
  /** Kept in the stage cache, one by one. */
  outcome(recipe: GateRecipe, seed: number): Promise<Outcome>;
  /** One for each seed. */
  outcomes(recipe: GateRecipe): Promise<readonly Outcome[]>;
}

export function openWorkbench(opened: OpenedRun, seedCount: number): Workbench {
  const { run, tables, prepared } = opened;
  const { config } = run;
  // Recipes are compared behind the most bits, as section 5.1 has it; a first gate that chooses has an analysis of its own.
  const space: PathSpace = { ...pathSpaceOf(config), firstBlock: "highest" };
  const levels = levelsOf(config);
  const seeds = Array.from({ length: seedCount }, (_, s) => config.seed + s);
  const costs: Workbench["costs"] = (gateMacs, model = config.cost.model) =>
    pathCostTable({ macs: prepared.anatomy.macs, gateMacs, paths: legalPaths(space), levels, model });
  const parts = remember((seed: number) => partsOf(tables, legalPaths(space), seed));
  const partsFor = recipePartsOf(opened, space, parts);
  const most = levels.slice(0, 1);
  const whole = most.flatMap((level) => uniformPaths(level, space.exitCount)).at(-1) ?? [];
  let runner: Promise<LloydRunner> | undefined;
  const lloyd = () => (runner ??= run.pool().then(lloydInPool));

  const router = async (recipe: GateRecipe, seed: number) =>
    routerOf({
      recipe,
      parts: await partsFor(recipe, seed),
      space: sampledSpace(space, recipe, seed),
      routingCosts: (gateMacs) => costs(gateMacs, recipe.routingCost),
      seed,
      lloyd: await lloyd(),
      signal: run.signal,
    });
  const outcome = rememberAsync(async (recipe: GateRecipe, seed: number) => {
    run.signal.throwIfAborted();
    const inputs = { tables: tables.fingerprint, macs: prepared.anatomy.macs, cost: config.cost, recipe, seed };
    const key = stageKey({
      stage: "analyse-recipe",
      version: outcomeVersion,
      inputs: {
        ...inputs,
        ...(recipe.logits === "affine" ? { affineVersion } : {}),
        ...(recipe.heads === "as-trained" ? {} : { headTraining: headTrainingOf(config) }),
        platform: run.platform,
      },
    });
    const { entry } = await run.cache.produce(key, async (draft) => {
      const made = await router(recipe, seed);
      const { choose, test } = parts(seed);
      const full = { choose: accuracyAlong(choose, whole), test: accuracyAlong(test, whole) };
      const first = recipe.candidates === "quantization-only" ? null : whole.slice(0, 1);
      const seen = await partsFor(recipe, seed);
      await draft.writeJson("outcome.json", outcomeSchema, outcomeOf(made, seen, { costs, full, first }));
    });
    return entry.readJson("outcome.json", outcomeSchema);
  });
  return {
    ...{ run, opened, space, seeds, whole, costs, parts, partsFor, router, outcome, lloyd },
    letter: letterOf(config),
    own: recipeOf(config),
    range: rangeOf(costs, space, whole, tables.validation.classCount),
    costWords: `mean cost per image (${config.cost.model})`,
    async outcomes(recipe) {
      const all: Outcome[] = [];
      for (const seed of seeds) all.push(await outcome(recipe, seed));
      return all;
    },
  };
}

/** From leaving at the first exit, behind a gate larger than any that is tried, to the whole network. */
function rangeOf(costs: Workbench["costs"], space: PathSpace, whole: Path, classCount: number): CostRange {
  const largest: GateArchitecture = {
    ...{ reading: "A", embedding: 32, hidden: 64, classCount, exitCount: space.exitCount },
    extraFeatures: [],
  };
  const macs = gateMacs(largest, legalPaths(space).length);
  const table = costs(Array.from({ length: space.exitCount - 1 }, () => macs));
  return { from: Math.min(0.99, Math.ceil(100 * costOf(table, whole.slice(0, 1))) / 100), to: 1 };
}

/** QuEE (arXiv 2406.14404), section 5.2: one set for clusters, training and routing. */
function sampledSpace(space: PathSpace, { paths }: GateRecipe, seed: number): PathSpace {
  if (paths === "all") return space;
  return { ...space, only: samplePaths(space, { count: paths, random: randomStream(seed, "sampled paths") }) };
}

function remember<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    known.set(key, made);
    return made;
  };
}

/** By what the recipe says, not by which object says it. */
function rememberAsync<Value>(make: (recipe: GateRecipe, seed: number) => Promise<Value>) {
  const known = new Map<string, Promise<Value>>();
  return (recipe: GateRecipe, seed: number) => {
    const key = JSON.stringify([recipe, seed]);
    const found = known.get(key) ?? make(recipe, seed);
    known.set(key, found);
    return found;
  };
}
