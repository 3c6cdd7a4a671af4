import { type Bits, QueeError, uniformPaths } from "@quee/core";
import { type PathTable, valuesAlong } from "@quee/path-tables";
import { type ConfidenceMeasure, confidences } from "./confidence.js";
import { never, quantileThresholds } from "./exits/quantile-thresholds.js";

/** `count` thresholds from 0 (exit at once) to one that no confidence reaches, evenly spaced between. */
export function evenThresholds(count = 201): readonly number[] {
  assertCount(count);
  return [...Array.from({ length: count - 1 }, (_, i) => i / (count - 2)), never];
}

export interface ThresholdGridOptions {
  readonly validation: PathTable<"validation">;
  readonly measure: ConfidenceMeasure;
  readonly level: Bits;
  readonly exitCount: number;
  /** At least 3. Equal quantiles are named once, so that fewer thresholds may come back. */
  readonly count?: number;
}

/**
 * Thresholds at evenly spaced quantiles of the confidence that validation images have at the exits where they may leave: a
 * network that is sure of nearly everything gets its thresholds where the images are. Ascending, from 0 to one that no
 * confidence reaches.
 */
export function thresholdGrid(options: ThresholdGridOptions): readonly number[] {
  const { validation, measure, level, exitCount, count = 201 } = options;
  assertCount(count);
  const gates = uniformPaths(level, exitCount).slice(0, -1);
  return quantileThresholds(
    gates.map((path) => valuesAlong(validation, path, confidences[measure])),
    count,
  );
}

function assertCount(count: number): void {
  if (Number.isInteger(count) && count >= 3) return;
  throw new QueeError({
    code: "E_THRESHOLD_COUNT",
    kind: "config",
    where: "count",
    expected: "a whole number above 2",
    got: String(count),
  });
}
