import { exitOf } from "./exit-probabilities.js";

/** Samples that left where the gates said. */
export interface GateTally {
  readonly wrong: number;
  /** Sum of their costs. */
  readonly paid: number;
}

/** @param gates g, [n, E − 1] @param right [n, E] @param cost by exit */
export function tallyGates(gates: Float64Array, right: Uint8Array, cost: readonly number[]): GateTally {
  const exits = cost.length;
  const gateCount = exits - 1;
  let [wrong, paid] = [0, 0];
  for (let i = 0; i * exits < right.length; i++) {
    const exit = exitOf(gates.subarray(i * gateCount, (i + 1) * gateCount));
    wrong += 1 - right[i * exits + exit];
    paid += cost[exit];
  }
  return { wrong, paid };
}
