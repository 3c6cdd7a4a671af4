import {
  type CostTable,
  costOf,
  legalPaths,
  nextLevels,
  type Path,
  type PathSpace,
  pathKey,
  QueeError,
  startsWith,
} from "@quee/core";
import { assertLambda } from "./gate-rule.js";

export interface NextStepOptions {
  readonly space: PathSpace;
  readonly costs: CostTable;
  /** Part of what is learned: another λ needs other gates. Finite. */
  readonly lambda: number;
  /** p̃e(f_π | x) of every sample, [N] */
  readonly targetsOf: (path: Path) => Float32Array;
}

/** What a gate of the next-best-step kind learns behind one prefix. */
export interface NextStepTargets {
  /** To leave (the prefix itself), then to run the next block at each level (the prefix and that level). */
  readonly steps: readonly Path[];
  /** ℓ*_b of every sample and step, [N, A] row-major, in [λ·min c, 1 + λ·max c]: no probability, so no sigmoid */
  readonly loss: Float32Array;
}

/** The steps out of a gate: to leave, which the first gate cannot, and the levels of the next block, most bits first. */
export function nextSteps(prefix: Path, space: PathSpace): readonly Path[] {
  const onwards = nextLevels(prefix, space).map((level) => [...prefix, level]);
  return prefix.length === 0 ? onwards : [prefix, ...onwards];
}

/**
 * ℓ*_b = min over π′ ∈ P_{π→b} of λ·c(π′) + p̃e(f_π′ | x), and the loss of leaving. QuEE (arXiv 2406.14404), section 7.3,
 * equation 19, which prints argmin for min.
 *
 * The minimum is over each sample's own future, which no gate can foresee, so going on looks better than it is.
 */
export function nextStepTargets(prefix: Path, { space, costs, lambda, targetsOf }: NextStepOptions): NextStepTargets {
  assertLambda(lambda);
  if (lambda === Number.POSITIVE_INFINITY) {
    const facts = { where: "lambda", expected: "a finite λ to learn losses for", got: String(lambda) };
    throw new QueeError({ code: "E_ROUTER_OPTION", kind: "config", ...facts });
  }
  const steps = nextSteps(prefix, space);
  const paths = legalPaths(space);
  const columns = steps.map((step) => {
    const leaves = step.length === prefix.length;
    const ways = paths.filter((path) => (leaves ? pathKey(path) === pathKey(step) : startsWith(path, step)));
    return leastLossOf(ways.map((way) => ({ error: targetsOf(way), paid: lambda * costOf(costs, way) })));
  });
  const count = columns[0]?.length ?? 0;
  const loss = new Float32Array(count * steps.length);
  for (let i = 0; i < count; i++) for (let a = 0; a < steps.length; a++) loss[i * steps.length + a] = columns[a][i];
  return { steps, loss };
}

function leastLossOf(ways: readonly { readonly error: Float32Array; readonly paid: number }[]): Float32Array {
  const least = new Float32Array(ways[0].error.length).fill(Number.POSITIVE_INFINITY);
  for (const { error, paid } of ways)
    for (let i = 0; i < least.length; i++) least[i] = Math.min(least[i], paid + error[i]);
  return least;
}
