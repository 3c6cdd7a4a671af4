import type { CalibratedBlock } from "../calibrate-blocks.js";
import { notFinite } from "../not-finite.js";
import { largestMagnitude } from "../quantizers/uniform-quantizer.js";

/** Names the product whose weight is at fault, which the network's answers would not. */
export function assertFiniteWeights(blocks: readonly CalibratedBlock[]): void {
  for (const { graph, sites } of blocks) {
    for (const { node, weight } of sites) {
      const data = graph.initializers.get(weight ?? "")?.data;
      const magnitude = data instanceof Float32Array ? largestMagnitude(data) : 0;
      if (!Number.isFinite(magnitude)) {
        throw notFinite(`site "${node}", weight "${weight}"`, `a largest magnitude of ${magnitude}`);
      }
    }
  }
}
