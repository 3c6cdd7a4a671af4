import type { Results } from "./results-schema.js";

const counted: ReadonlyMap<string, string> = new Map([
  ["with-stem", "true multiplications × bits, with stem, heads and gates"],
  ["blocks-only", "multiplications × bits of the blocks alone"],
  ["weights-times-activations", "multiplications × weight bits × activation bits"],
  ["measured-latency", "measured time"],
]);

/** What the cost counts, in words. */
export function costWords({ cost }: Results): string {
  return counted.get(cost.model) ?? cost.model;
}

/** What the router weighs with λ, in words; null where that is what the cost counts. */
export function routingWords({ cost }: Results): string | null {
  return cost.routing === undefined ? null : (counted.get(cost.routing) ?? cost.routing);
}

/** What cost 1 is: running every block at the most bits. */
export function fullCostWords({ backbone }: Results): string {
  const most = Math.max(...backbone.levels);
  return `the whole network at ${most} bits`;
}

/** The caption of a cost axis: every figure names its cost. */
export function costAxisLabel(results: Results): string {
  return `mean cost per image, ${results.cost.unit} against ${fullCostWords(results)} (${results.cost.model})`;
}
