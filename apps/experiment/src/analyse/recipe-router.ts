import type { CostTable, Path, PathSpace, SplitRole } from "@quee/core";
import type { LloydRunner } from "@quee/error-target-clustering";
import type { GateData, GateDiagnostics, Gates, TableTargets } from "@quee/gate-predictors";
import type { PathTable, Replay } from "@quee/path-tables";
import type { LambdaSweep } from "@quee/router";
import type { Parts } from "./parts.js";
import type { GateRecipe } from "./recipe.js";

export interface RouterOptions {
  readonly recipe: GateRecipe;
  /** Already of the recipe's heads and logits. */
  readonly parts: Parts;
  /** Already of the recipe's paths. */
  readonly space: PathSpace;
  /** What the router weighs with λ. @param gateMacs of the gates before blocks 2 … E */
  readonly routingCosts: (gateMacs: readonly number[]) => CostTable;
  readonly seed: number;
  readonly lloyd: LloydRunner;
  readonly signal: AbortSignal;
}

/** What every kind of planning starts from. */
export interface ReadyToTrain extends RouterOptions {
  readonly targets: TableTargets;
  readonly data: GateData;
  /** Images that correct trained gates. */
  readonly correcting: PathTable<"validation">;
}

export interface RecipeRouter {
  /** Rising; where along the curve there is something to see, by the images of `choose`. */
  readonly lambdas: readonly number[];
  /** Before blocks 2 … E. */
  readonly gateMacs: readonly number[];
  readonly paths: readonly Path[];
  /** Where λ sends the images of a table; `pathIndex` counts in `paths`. Asks the gates once per table, or once per λ. */
  readonly routes: (table: PathTable) => (lambda: number) => Replay;
  /** Of gates that foresee errors; none of those that foresee losses. */
  readonly gates: readonly GateDiagnostics[];
  /** That each gate ran, where there is one training. */
  readonly epochs: readonly number[];
  /** Where whole paths are compared: the gates, what they learnt, and every λ at once. */
  readonly wholePaths: WholePaths | null;
}

export interface WholePaths {
  readonly gates: Gates;
  readonly targets: TableTargets;
  sweepOf<Role extends SplitRole>(table: PathTable<Role>): LambdaSweep<Role>;
}
