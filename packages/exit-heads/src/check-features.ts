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

/** Both splits hold the same exits, of the same widths. */
export function checkSameExits(train: FeatureSplit<"train">, validation: FeatureSplit<"validation">): void {
  const widths = ({ features }: FeatureSplit<SplitRole>) => `[${features.map(({ shape }) => shape[1]).join(", ")}]`;
  if (widths(train) === widths(validation)) return;
  throw new QueeError({
    code: "E_FEATURES",
    kind: "input",
    where: "validation features, widths by exit",
    expected: `${widths(train)}, as for training`,
    got: widths(validation),
  });
}
