import { pathKey, QueeError, type SplitRole } from "@quee/core";
import type { PathTable } from "@quee/path-tables";
import type { Tensor } from "@quee/tensor";
import type { SampleRows } from "@quee/training";
import type { ExitHead, FeatureSplit } from "./exit-head.js";
import { shapeOf } from "./feature-rows.js";
import { featureWidth } from "./mixed-features.js";

type AnyFeatures<Role extends SplitRole> = FeatureSplit<Role, Tensor | SampleRows>;

/** Shapes and labels, checked once at the door. */
export function checkFeatures(split: AnyFeatures<SplitRole>, classCount: number): void {
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
  split.features.map(shapeOf).forEach((shape, e) => {
    if (shape.length !== 2 || shape[0] !== split.count) {
      refuse(`exit ${e + 1}`, `a tensor [${split.count}, D]`, `[${shape.join(", ")}]`);
    }
  });
  const bad = split.labels.findIndex((label) => label < 0 || label >= classCount);
  if (bad >= 0) refuse(`label of sample ${bad}`, `0 … ${classCount - 1}`, String(split.labels[bad]));
}

/** Both splits hold the same exits, of the same widths. */
export function checkSameExits(train: AnyFeatures<"train">, validation: AnyFeatures<"validation">): void {
  const widths = ({ features }: AnyFeatures<SplitRole>) => `[${features.map((of) => shapeOf(of)[1]).join(", ")}]`;
  if (widths(train) === widths(validation)) return;
  throw new QueeError({
    code: "E_FEATURES",
    kind: "input",
    where: "validation features, widths by exit",
    expected: `${widths(train)}, as for training`,
    got: widths(validation),
  });
}

/** Every path of the table ends at an exit with a head, and carries what that head reads. */
export function checkFeatureTable(table: PathTable<SplitRole>, heads: readonly ExitHead[]): void {
  for (const path of table.paths) {
    const head = heads[path.length - 1];
    const width = featureWidth(table, path);
    if (head !== undefined && (table.count === 0 || width === head.weight.shape[0])) continue;
    throw new QueeError({
      code: "E_FEATURES",
      kind: "input",
      where: `${table.role} features of path ${pathKey(path)}`,
      expected:
        head === undefined ? `a path to one of ${heads.length} exits` : `${head.weight.shape[0]} numbers a sample`,
      got: head === undefined ? `a path to exit ${path.length}` : String(width),
    });
  }
}
