import { type CostTable, type Path, uniformPaths } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import { confidences } from "../confidence.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Rival } from "../rival/rival.js";
import { fullPath, mostBits, readsProbabilities } from "../rival/rival-paths.js";
import { exitRulePolicy } from "./exit-rule-policy.js";
import { exitScores } from "./exit-scores.js";
import { exitsOnly } from "./exits-only.js";
import { newest } from "./newest.js";
import { never } from "./quantile-thresholds.js";

const confidence = confidences.maxProbability;

/**
 * Budgeted batch classification of MSDNet (Huang et al., arXiv 1703.09844, section 5): a share ∝ qˡ of the images is to leave
 * at exit l; each exit's threshold on max p̂ is the one that lets its share of validation images go. q = k/20, k = 1 … 39.
 */
export function budgetedRival(): Rival {
  return {
    name: "threshold-budgeted",
    role: "rival",
    parameter: "q",
    needs: (space) => readsProbabilities(uniformPaths(mostBits(space), space.exitCount)),
    async fit({ space, validation, costs }) {
      const pays = exitsOnly(space);
      const path = fullPath(space);
      const sureness = surenessOf(validation, path, costs(pays));
      const settings = Array.from({ length: 39 }, (_, k) => (k + 1) / 20).map((q) => {
        const thresholds = budgetedThresholds(sureness, q);
        const policy = exitRulePolicy({
          name: `max p̂, exits by q = ${q}`,
          path,
          leaves(view) {
            const threshold = thresholds[view.prefix.length - 1];
            return Uint8Array.from(confidence(newest(view)), (sure) => (sure >= threshold ? 1 : 0));
          },
        });
        return policySetting(q, policy, space);
      });
      return { pays, trainings: 0, settings };
    },
  };
}

function surenessOf(validation: PathTable, path: Path, costs: CostTable): readonly Float32Array[] {
  return exitScores(validation, path, confidence, costs).sureness;
}

/**
 * Thresholds of the exits but the last: exit by exit, the surest qˡ/Σq of all samples leave among those that are still there.
 * @param sureness by exit but the last, each [N]
 */
export function budgetedThresholds(sureness: readonly Float32Array[], q: number): readonly number[] {
  const exits = sureness.length + 1;
  const total = Array.from({ length: exits }, (_, l) => q ** (l + 1)).reduce((sum, mass) => sum + mass, 0);
  let staying = Array.from(sureness[0] ?? [], (_, i) => i);
  const count = staying.length;
  return sureness.map((values, l) => {
    const leaving = Math.round((count * q ** (l + 1)) / total);
    const descending = staying.map((i) => values[i]).sort((a, b) => b - a);
    const threshold = leaving === 0 ? never : (descending[Math.min(leaving, descending.length) - 1] ?? never);
    staying = staying.filter((i) => values[i] < threshold);
    return threshold;
  });
}
