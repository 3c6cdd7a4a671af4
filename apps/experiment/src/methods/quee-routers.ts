import { type Bits, type CostTable, nextLevels, type PathSpace, type Policy, type SplitRole } from "@quee/core";
import type { Gates } from "@quee/gate-predictors";
import type { PathTable } from "@quee/path-tables";
import {
  type FirstGate,
  type Foresight,
  firstBitsAt,
  firstGateByRouting,
  foresee,
  type LambdaSweep,
  queePolicy,
  sweepsByFirstBits,
} from "@quee/router";

export interface QueeRouterOptions {
  readonly gates: Pick<Gates, "predict">;
  readonly space: PathSpace;
  /** What the first gate learns from, where the space leaves it a choice. */
  readonly validation: PathTable<"validation">;
}

export interface RouterCosts {
  /** What λ weighs. */
  readonly weighed: CostTable;
  /** What curves and budgets mean. */
  readonly counted: CostTable;
}

/** QuEE's router under some costs. */
export interface QueeRouter {
  /** Bits of block 1 by λ. */
  readonly firstGate: FirstGate;
  /** Every decision about the images of a table, for all λ, behind every level that block 1 may run at. */
  sweepsOn<Role extends SplitRole>(table: PathTable<Role>): ReadonlyMap<Bits, LambdaSweep<Role>>;
  /** @param firstBits by default those that the first gate has for λ */
  policyAt(lambda: number, firstBits?: Bits): Policy;
}

/**
 * The routers of one set of gates, by what paths cost: gates are asked once about each table, whatever the costs. The first gate
 * is fixed to the most bits, or chosen on validation images. QuEE (arXiv 2406.14404), sections 4 and 5.
 */
export function queeRouters({ gates, space, validation }: QueeRouterOptions): (costs: RouterCosts) => QueeRouter {
  const predict: Gates["predict"] = (view) => gates.predict(view);
  const foreseen = new WeakMap<PathTable, Foresight>();
  const foresightOf = <Role extends SplitRole>(table: PathTable<Role>): Foresight<Role> => {
    const known = (foreseen.get(table) as Foresight<Role> | undefined) ?? foresee(predict, table, { space });
    foreseen.set(table, known);
    return known;
  };
  return ({ weighed, counted }) => {
    const firstGate = firstGateOf(space, () => sweepsByFirstBits(foresightOf(validation), { costs: weighed }));
    const options = { costs: weighed, counted };
    return {
      firstGate,
      sweepsOn: (table) => sweepsByFirstBits(foresightOf(table), options),
      policyAt: (lambda, firstBits = firstBitsAt(firstGate, lambda)) =>
        queePolicy({ ...options, predict, space, lambda, firstBits }),
    };
  };
}

function firstGateOf(space: PathSpace, sweeps: () => Parameters<typeof firstGateByRouting>[0]): FirstGate {
  const levels = nextLevels([], space);
  return levels.length === 1 ? levels.map((bits) => ({ from: 0, bits })) : firstGateByRouting(sweeps());
}
