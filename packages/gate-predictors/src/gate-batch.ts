import { type Tensor, zeros } from "@quee/tensor";
import { gateFeatureCount, gateFeatures } from "./gate-features.js";
import type { GatePairs, PathTargets } from "./pairs.js";
import type { ProbabilityTable } from "./probability-table.js";
import { tableView } from "./table-views.js";

/** The feeds of the training graph for the samples `rows`: u behind every prefix, and p̃e of every pair. */
export function gateBatch(
  table: ProbabilityTable<"train">,
  targetsOf: PathTargets,
  { prefixes, pairs }: GatePairs,
  rows: Int32Array,
): { readonly features: Tensor; readonly targets: Tensor } {
  const width = gateFeatureCount(table.classCount);
  const features = zeros([rows.length, prefixes.length, width]);
  prefixes.forEach((prefix, p) => {
    const ofPrefix = gateFeatures(tableView(table, prefix, rows)).data;
    for (let i = 0; i < rows.length; i++) {
      features.data.set(ofPrefix.subarray(i * width, (i + 1) * width), (i * prefixes.length + p) * width);
    }
  });
  const targets = zeros([rows.length, pairs.length]);
  pairs.forEach(({ candidate }, a) => {
    const ofCandidate = targetsOf(candidate);
    for (let i = 0; i < rows.length; i++) targets.data[i * pairs.length + a] = ofCandidate[rows[i]];
  });
  return { features, targets };
}
