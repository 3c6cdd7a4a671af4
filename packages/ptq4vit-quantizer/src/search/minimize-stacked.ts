import type { Minimization, Minimize } from "./alternate.js";
import { type CandidateLosses, candidateLosses } from "./candidate-losses.js";
import type { Metric } from "./metric.js";
import { firstLeast } from "./minimize-plainly.js";
import type { Multiplier } from "./multiplier.js";
import type { Products } from "./products.js";
import { RoundedWeights } from "./rounded-weights.js";
import { planRows, type RowPlan } from "./row-plan.js";

/** The part of the rows that is looked at first. */
const FIRST_PART = 1 / 64;
/** A partial sum must exceed the bound by more than float64 sums in another order can differ. */
const SLACK = 1 + 1e-9;

/**
 * The same choice as trying every candidate on every row, for a fraction of the work. A loss is a sum of terms ≥ 0: candidates
 * whose sum over the first rows already exceeds the whole loss of another are out. The rows double until one is left.
 */
export function minimizeStacked(metric: Metric, multiplier: Multiplier): Minimize {
  const plans = new WeakMap<Products, RowPlan>();
  const weights = new RoundedWeights();
  return async (problem) => {
    let plan = plans.get(problem.products);
    if (plan === undefined) {
      plan = planRows(metric, problem.products);
      plans.set(problem.products, plan);
    }
    if (plan.units.length === 0) return null;
    return race(candidateLosses(metric, problem, plan, multiplier, weights), problem.candidates.length, plan.units);
  };
}

async function race(losses: CandidateLosses, count: number, units: Int32Array): Promise<number> {
  const sums = new Float64Array(count);
  const finished = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  let alive = Int32Array.from({ length: count }, (_, i) => i);
  let bound = Number.POSITIVE_INFINITY;
  let from = 0;
  let until = Math.min(units.length, Math.max(8, Math.ceil(units.length * FIRST_PART)));
  while (alive.length > 0) {
    await losses.add(sums, alive, units.subarray(from, until));
    if (until === units.length) {
      for (const c of alive) finished[c] = sums[c];
      break;
    }
    const leader = alive[firstLeast(Float64Array.from(alive, (c) => sums[c]))];
    const whole = Float64Array.from(sums);
    await losses.add(whole, Int32Array.of(leader), units.subarray(until));
    finished[leader] = whole[leader];
    bound = Math.min(bound, whole[leader] * SLACK);
    alive = alive.filter((c) => c !== leader && !(sums[c] > bound));
    from = until;
    until = Math.min(units.length, 2 * until);
  }
  return firstLeast(finished);
}

/** Every candidate on every row, with one product for each: what the other is measured against. */
export function minimizeExhaustively(metric: Metric, multiplier: Multiplier): Minimize {
  return async (problem) => {
    const sums = await exhaustiveLosses(metric, multiplier, problem);
    return metric.needsGradient && problem.products.gradient.every((g) => g === 0) ? null : firstLeast(sums);
  };
}

/** The whole loss of each candidate. */
export async function exhaustiveLosses(
  metric: Metric,
  multiplier: Multiplier,
  problem: Minimization,
): Promise<Float64Array> {
  const { products, candidates } = problem;
  const plan: RowPlan = {
    units: Int32Array.from({ length: products.units }, (_, u) => u),
    rows: Int32Array.from({ length: products.rows }, (_, m) => m),
  };
  const losses = candidateLosses(metric, problem, plan, multiplier);
  const sums = new Float64Array(candidates.length);
  for (const c of candidates.keys()) await losses.add(sums, Int32Array.of(c), plan.units);
  return sums;
}
