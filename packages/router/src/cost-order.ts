import { type CostTable, costOf, type Path } from "@quee/core";

/** Candidates ordered by cost: with it, "ties go to the earlier" means "to the cheaper". */
export interface CostOrder {
  /** Position of each candidate in the order it was given in, cheapest first; equal costs keep their order. */
  readonly order: Int32Array;
  /** Ascending, [A] */
  readonly cost: Float32Array;
}

export function costOrder(candidates: readonly Path[], costs: CostTable): CostOrder {
  const given = candidates.map((path) => costOf(costs, path));
  const order = Int32Array.from(given.keys()).sort((a, b) => given[a] - given[b] || a - b);
  return { order, cost: Float32Array.from(order, (a) => given[a]) };
}

/** Row `i` of predicted errors [n, A], in the order of cost. */
export function orderedRow(predictedError: Float32Array, i: number, { order }: CostOrder): Float32Array {
  return Float32Array.from(order, (a) => predictedError[i * order.length + a]);
}
