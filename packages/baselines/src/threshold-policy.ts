import type { Bits, Policy } from "@quee/core";
import { tensor } from "@quee/tensor";
import { type ConfidenceMeasure, confidences } from "./confidence.js";

export interface ThresholdOptions {
  readonly measure: ConfidenceMeasure;
  /** τ: an image exits where its confidence is at least this; above 1 none does. */
  readonly threshold: number;
  /** Bits of every block. */
  readonly level: Bits;
}

/** Early exit by one threshold for all exits, every block at the same bits. */
export function confidenceThreshold({ measure, threshold, level }: ThresholdOptions): Policy {
  const confidence = confidences[measure];
  const goOn = { kind: "continue", bits: level } as const;
  const exit = { kind: "exit" } as const;
  return {
    name: `${measure} ≥ ${threshold} at ${level} bits`,
    decide({ history, count, classCount }) {
      const newest = history.at(-1);
      if (newest === undefined) return Array.from({ length: count }, () => goOn);
      const sure = confidence(tensor([count, classCount], newest));
      return Array.from(sure, (value) => (value >= threshold ? exit : goOn));
    },
  };
}

/** Exits where max p̂ ≥ τ. QuEE (arXiv 2406.14404), section 5.4, "thresholding"; `level` is b_max there. */
export function maxProbabilityThreshold({ threshold, level }: Omit<ThresholdOptions, "measure">): Policy {
  return confidenceThreshold({ measure: "maxProbability", threshold, level });
}
