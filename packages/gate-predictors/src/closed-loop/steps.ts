import { type CostTable, costOf, legalPaths, nextLevels, type Path, type PathSpace, startsWith } from "@quee/core";

/** One thing that a gate may do: exit, which stays on the prefix, or run one block more. */
export interface Step {
  /** The path behind the step. */
  readonly path: Path;
  readonly isExit: boolean;
  /** λ times this is paid for the step itself: c of its path less c of the prefix. 0 for an exit. */
  readonly cost: number;
  /** What may have to be paid behind the step, at most: c of the dearest path that goes on from it, less its own. */
  readonly furtherCost: number;
}

/** The steps from `prefix`: exit first, then the next block at most bits first. */
export function stepsFrom(prefix: Path, space: PathSpace, costs: CostTable): readonly Step[] {
  const paths = legalPaths(space);
  const exit: Step = { path: prefix, isExit: true, cost: 0, furtherCost: 0 };
  const onward = nextLevels(prefix, space).map((level) => {
    const path = [...prefix, level];
    const own = costOf(costs, path);
    const dearest = paths
      .filter((longer) => startsWith(longer, path))
      .reduce((most, longer) => Math.max(most, costOf(costs, longer)), own);
    return { path, isExit: false, cost: own - costOf(costs, prefix), furtherCost: dearest - own };
  });
  return [exit, ...onward];
}

/**
 * Bound of the loss that is still to come behind a step: one mistake, and λ times the dearest way on. Divided by it, losses
 * lie in [0, 1] at every λ, so that one network can learn them all.
 */
export function lossBound({ furtherCost }: Step, lambda: number): number {
  return 1 + lambda * furtherCost;
}
