import { QueeError, type SplitRole } from "@quee/core";
import type { FeatureSplit } from "./exit-head.js";

/** Shapes and labels, checked once at the door. */
export function checkFeatures(split: FeatureSplit<SplitRole>, classCount: number): void {
  const refuse = (where: string, expected: string, got: string) => {
    throw new QueeError({
      code: "E_FEATURES",
      kind: "input",
      where: `${split.role} features, ${where}`,
      expected,
      got,
    });
  };
  if (split.classCount !== classCount) refuse("classCount", String(classCount), String(split.classCount));
  if (split.count < 1) refuse("count", "at least one sample", String(split.count));
  split.features.forEach(({ shape }, e) => {
    if (shape.length !== 2 || shape[0] !== split.count) {
      refuse(`exit ${e + 1}`, `a tensor [${split.count}, D]`, `[${shape.join(", ")}]`);
    }
  });
  const bad = split.labels.findIndex((label) => label < 0 || label >= classCount);
  if (bad >= 0) refuse(`label of sample ${bad}`, `0 … ${classCount - 1}`, String(split.labels[bad]));
}
