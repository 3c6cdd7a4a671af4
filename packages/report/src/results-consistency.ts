import type { Results } from "./results-schema.js";

/** A list that has not the length which another part of the results asks for. */
export interface Mismatch {
  readonly path: readonly (string | number)[];
  /** What had to be there, in words. */
  readonly expected: string;
}

/** What the form of single fields cannot say: one value per exit, per class; paths that exist; all or none of a point. */
export function mismatches(results: Results): readonly Mismatch[] {
  const exitCount = results.backbone.exits.length;
  const classCount = results.classes.names.length;
  const perExit = (path: Mismatch["path"], list: readonly unknown[]): readonly Mismatch[] =>
    list.length === exitCount ? [] : [{ path, expected: `one value per exit (${exitCount})` }];
  const perClass = (path: Mismatch["path"], list: readonly unknown[]): readonly Mismatch[] =>
    list.length === classCount ? [] : [{ path, expected: `one value per class (${classCount})` }];
  const levels = new Set(results.backbone.levels);
  const isLevel = (path: Mismatch["path"], bits: number | undefined): readonly Mismatch[] =>
    bits === undefined || levels.has(bits) ? [] : [{ path, expected: `one of ${[...levels].join(", ")} bits` }];
  const legal = (path: Mismatch["path"], name: string): readonly Mismatch[] => {
    const bits = name.split("-").map(Number);
    const isLegal = bits.length <= exitCount && bits.every((level) => levels.has(level));
    return isLegal ? [] : [{ path, expected: `at most ${exitCount} blocks at ${[...levels].join(", ")} bits` }];
  };

  return [
    ...perExit(["backbone", "exitTop1"], results.backbone.exitTop1),
    ...perExit(["cost", "heads"], results.cost.heads),
    ...results.paths.flatMap((name, i) => legal(["paths", i], name)),
    ...results.curves.flatMap(({ points }, c) =>
      points.flatMap(({ exitHistogram, firstBits, pathShares = {} }, p) => [
        ...isLevel(["curves", c, "points", p, "firstBits"], firstBits),
        ...perExit(["curves", c, "points", p, "exitHistogram"], exitHistogram),
        ...Object.keys(pathShares).flatMap((name) => legal(["curves", c, "points", p, "pathShares", name], name)),
      ]),
    ),
    ...(results.comparison?.paths ?? []).flatMap(({ path }, i) => legal(["comparison", "paths", i, "path"], path)),
    ...(results.comparison?.methods ?? []).flatMap(({ method }, m) =>
      results.curves.some((curve) => curve.method === method)
        ? []
        : [{ path: ["comparison", "methods", m, "method"], expected: "a method that has a curve" }],
    ),
    ...(results.shift?.methods ?? []).flatMap(({ byStrength }, m) =>
      byStrength.length === results.shift?.strengths.length
        ? []
        : [{ path: ["shift", "methods", m, "byStrength"], expected: "one curve per strength" }],
    ),
    ...results.examples.flatMap(({ path }, i) => legal(["examples", i, "path"], path)),
    ...results.operatingPoints.flatMap(({ firstBits }, i) => isLevel(["operatingPoints", i, "firstBits"], firstBits)),
    ...results.operatingPoints.flatMap(({ lambda, validation, test }, i) =>
      (lambda === null) === (validation === null) && (lambda === null) === (test === null)
        ? []
        : [{ path: ["operatingPoints", i], expected: "lambda, validation and test, or null for all three" }],
    ),
    ...results.classes.points.flatMap(({ exits, correct, meanBits }, i) => [
      ...perClass(["classes", "points", i, "exits"], exits),
      ...perClass(["classes", "points", i, "correct"], correct),
      ...perClass(["classes", "points", i, "meanBits"], meanBits),
      ...exits.flatMap((row, k) => perExit(["classes", "points", i, "exits", k], row)),
    ]),
  ];
}
