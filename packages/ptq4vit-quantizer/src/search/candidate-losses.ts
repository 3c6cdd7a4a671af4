import type { Minimization } from "./alternate.js";
import type { Metric } from "./metric.js";
import type { Multiplier } from "./multiplier.js";
import { LARGEST_STACK, type RoundedWeights } from "./rounded-weights.js";
import { gatherRight, gatherRows, type RowPlan } from "./row-plan.js";

/** Values in one product, at most: 32 MB. */
const LARGEST_PRODUCT = 2 ** 23;

/** Adds the losses of some candidates on some units. */
export interface CandidateLosses {
  add(sums: Float64Array, candidates: Int32Array, units: Int32Array): Promise<void>;
}

/** Losses by stacked products: all candidates of a chunk go through onnxruntime at once. */
export function candidateLosses(
  metric: Metric,
  problem: Minimization,
  plan: RowPlan,
  multiplier: Multiplier,
  weights: RoundedWeights | null = null,
): CandidateLosses {
  const { products, side, other, operand, bits } = problem;
  const { inner, columns, rightIsShared } = products;
  const rows = plan.rows.length;
  const own = products[side];
  const isWeight = side === "right" && rightIsShared;
  const roundCopies = (values: Float32Array, candidates: Int32Array) => {
    const stack = new Float32Array(candidates.length * values.length);
    candidates.forEach((c, i) => {
      const copy = stack.subarray(i * values.length, (i + 1) * values.length);
      operand.quantizer.roundInto(copy, values, problem.candidates[c], bits);
    });
    return stack;
  };
  const roundWeights = (candidates: Int32Array) => weights?.stack(problem, candidates) ?? roundCopies(own, candidates);

  const multiply = async (candidates: Int32Array, units: Int32Array) => {
    const count = units.length * rows;
    if (!rightIsShared) {
      const [left, right] = [
        gatherRows(products.left, products, plan, units),
        gatherRight(products.right, products, units),
      ];
      const stacked =
        side === "left"
          ? [roundCopies(left, candidates), gatherRight(other, products, units)]
          : [gatherRows(other, products, plan, units), roundCopies(right, candidates)];
      const data = await multiplier.multiplyUnits(stacked[0], stacked[1], [units.length, rows, inner, columns]);
      return { data, perCandidate: count * columns, perRow: columns };
    }
    if (side === "left") {
      const left = roundCopies(gatherRows(products.left, products, plan, units), candidates);
      return { data: await multiplier.multiply(left, other, inner), perCandidate: count * columns, perRow: columns };
    }
    const left = gatherRows(other, products, plan, units);
    const data = await multiplier.multiply(left, roundWeights(candidates), inner);
    return { data, perCandidate: columns, perRow: candidates.length * columns };
  };

  return {
    async add(sums, candidates, units) {
      // A shared weight is copied for each candidate; other factors only as far as the units go.
      const perCandidate = isWeight ? columns * inner : 0;
      const together = Math.max(1, Math.min(candidates.length, Math.floor(LARGEST_STACK / Math.max(1, perCandidate))));
      const perUnit = together * rows * Math.max(columns, inner) + (rightIsShared ? 0 : together * columns * inner);
      const chunk = Math.max(1, Math.floor(LARGEST_PRODUCT / perUnit));
      for (let c = 0; c < candidates.length; c += together) {
        const some = candidates.subarray(c, c + together);
        for (let u = 0; u < units.length; u += chunk) {
          const their = units.subarray(u, u + chunk);
          const product = await multiply(some, their);
          some.forEach((candidate, i) => {
            let sum = 0;
            let at = i * product.perCandidate;
            for (const unit of their) {
              for (const m of plan.rows) {
                sum += metric.rowLoss(products, unit * products.rows + m, product.data, at);
                at += product.perRow;
              }
            }
            sums[candidate] += sum;
          });
        }
      }
    },
  };
}
