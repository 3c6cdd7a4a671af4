import { type Path, type PathSpace, pathKey } from "@quee/core";
import { upperEnvelope } from "@quee/metrics";
import { confidences } from "../confidence.js";
import { policySetting } from "../rival/policy-setting.js";
import type { Rival } from "../rival/rival.js";
import { prefixesOf, readsProbabilities, staticPaths, uniformFullPaths } from "../rival/rival-paths.js";
import { exitRulePolicy } from "./exit-rule-policy.js";
import { exitScores, outcomeOf } from "./exit-scores.js";
import { exitsOnly } from "./exits-only.js";
import { newest } from "./newest.js";
import { quantileThresholds } from "./quantile-thresholds.js";

/**
 * The static networks to exit from: every bit-width (`uniform`), or these and every legal sequence of bits (`static-paths`).
 * QuEE must beat this to say that it combines, not only that it has more bit-widths.
 */
export type EnvelopeOf = "uniform" | "static-paths";

/** Thresholds on max p̂ on top of many static networks; the pairs of network and threshold that validation images like best. */
export function thresholdEnvelope(of: EnvelopeOf, { count = 201 }: { readonly count?: number } = {}): Rival {
  const confidence = confidences.maxProbability;
  return {
    name: `threshold-on-${of}`,
    role: "rival",
    parameter: "path and threshold",
    needs: (space) => readsProbabilities(networksOf(of, space).flatMap(prefixesOf)),
    async fit({ space, validation, costs, signal }) {
      const pays = exitsOnly(space);
      const prices = costs(pays);
      const tried: { path: Path; threshold: number; top1: number; cost: number }[] = [];
      for (const path of networksOf(of, space)) {
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        const scores = exitScores(validation, path, confidence, prices);
        for (const threshold of quantileThresholds(scores.sureness, count)) {
          tried.push({ path, threshold, ...outcomeOf(scores, () => threshold) });
        }
      }
      const settings = upperEnvelope(tried).map(({ path, threshold }) => {
        const setting = `${pathKey(path)} ≥ ${threshold}`;
        const leaves = (view: Parameters<typeof newest>[0]) =>
          Uint8Array.from(confidence(newest(view)), (sure) => (sure >= threshold ? 1 : 0));
        return policySetting(setting, exitRulePolicy({ name: `max p̂ on ${setting}`, path, leaves }), space);
      });
      return { pays, trainings: 0, settings };
    },
  };
}

function networksOf(of: EnvelopeOf, space: PathSpace): readonly Path[] {
  if (of === "uniform") return uniformFullPaths(space);
  return staticPaths(space).filter((path) => path.length === space.exitCount);
}
