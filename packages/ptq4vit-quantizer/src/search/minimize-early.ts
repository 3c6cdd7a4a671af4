import type { Minimize } from "./alternate.js";
import { type AddLosses, candidateLosses } from "./candidate-losses.js";
import type { Metric, Outputs } from "./metric.js";
import { exhaustiveLosses } from "./minimize-exhaustively.js";
import { firstLeast } from "./minimize-plainly.js";
import type { Multiplier } from "./multiplier.js";
import type { Products } from "./products.js";
import { type Plan, planOf, regionsOf } from "./regions.js";
import { sumNoise } from "./sum-noise.js";

/**
 * The same choice as trying every candidate on every row, for a fraction of the work. A loss is a sum of terms ≥ 0: candidates
 * whose sum over some outputs already exceeds the whole loss of another are out. The outputs double until one is left; of candidates
 * that are too close to tell so, the losses are computed as an exhaustive search does. Too close: as far apart as the same outputs may
 * be when they are computed in another order. (A cosine has points where it jumps: an estimate that cancels to zero has no direction, and
 * the last bit of its sum gives it one. There the choices may differ.)
 */
export function minimizeEarly(metric: Metric, multiplier: Multiplier): Minimize {
  const plans = new WeakMap<Products, { readonly plan: Plan; readonly noise: number }>();
  return async (problem) => {
    const { products, side, candidates } = problem;
    const known = plans.get(products) ?? {
      plan: planOf(metric, products),
      noise: await sumNoise(metric, products, multiplier),
    };
    plans.set(products, known);
    const { plan, noise } = known;
    if (plan.units.length === 0) return null;
    const add = candidateLosses(metric, problem, multiplier);
    const atMost = (loss: number) => (Math.sqrt(loss) + noise) ** 2;
    const close = await race(add, candidates.length, regionsOf(metric, products, side, plan), atMost);
    if (close.length === 1) return close[0];
    return close[firstLeast(await exhaustiveLosses(metric, multiplier, problem, close))];
  };
}

/**
 * @param atMost the largest sum that a loss may be found as in another order
 * @returns the candidates that may be the best, in their order
 */
async function race(
  add: AddLosses,
  count: number,
  regions: readonly Outputs[],
  atMost: (loss: number) => number,
): Promise<Int32Array> {
  const sums = new Float64Array(count);
  const whole = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  let alive = Int32Array.from({ length: count }, (_, i) => i);
  let bound = Number.POSITIVE_INFINITY;
  /** What the candidate that gives the bound lost up to each region. */
  let ofBound = new Float64Array(regions.length).fill(Number.POSITIVE_INFINITY);
  for (const [r, region] of regions.entries()) {
    await add(sums, alive, region);
    const leader = alive[firstLeast(Float64Array.from(alive, (c) => sums[c]))];
    // A new leader is worth its whole loss where it is ahead of the last one.
    if (sums[leader] < ofBound[r]) {
      const trail = new Float64Array(regions.length).fill(sums[leader], r);
      const own = Float64Array.from(sums);
      for (let next = r + 1; next < regions.length; next++) {
        await add(own, Int32Array.of(leader), regions[next]);
        trail[next] = own[leader];
      }
      whole[leader] = own[leader];
      alive = alive.filter((c) => c !== leader);
      if (own[leader] < bound) [bound, ofBound] = [own[leader], trail];
    }
    alive = alive.filter((c) => sums[c] <= atMost(bound));
    if (alive.length === 0) break;
  }
  for (const c of alive) whole[c] = sums[c];
  const least = atMost(whole[firstLeast(whole)]);
  return Int32Array.from(whole.keys()).filter((c) => whole[c] <= least);
}
