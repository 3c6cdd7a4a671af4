import { readdirSync } from "node:fs";
import { join } from "node:path";
import { byteSourceOf, openByteSource } from "@quee/artifacts";
import { legalPaths, type PathSpace, type SplitRole } from "@quee/core";
import { type ErrorTargets, fitErrorTargets, scoreErrorTargets, targetsOf } from "@quee/error-target-clustering";
import { gateDiagnostics, trainGates } from "@quee/gate-predictors";
import { mean } from "@quee/metrics";
import { answersAlong, encodeTablePart, openTableParts, type PathTable } from "@quee/path-tables";

/** What float16 changes in tables, cells and gates. Means are over the legal paths, or the gates, and over test images. */
export interface RoundingEffect {
  readonly images: Readonly<Record<"train" | "validation" | "test", number>>;
  readonly paths: number;
  /** The largest |Δp̂|. */
  readonly largestChange: number;
  /** Fraction of answers that are another class. */
  readonly otherAnswers: number;
  /** Mean |Δp̃e| between cells fitted on either table, … */
  readonly targetChange: number;
  /** … and between cells of two seeds on the same table, to compare with. */
  readonly targetChangeOfSeeds: number;
  /** Brier score of p̃e: squared difference to the errors. */
  readonly targetBrier: ByPrecision;
  /** Brier score of what gates say. */
  readonly gateBrier: ByPrecision & { readonly float32OtherSeed: number };
}

interface ByPrecision {
  readonly float32: number;
  readonly float16: number;
}

interface Tables {
  readonly train: PathTable<"train">;
  readonly validation: PathTable<"validation">;
  readonly test: PathTable<"test">;
}

/** Reads the float32 tables of a collect stage; clusters and trains on them and on their halves. @param folder of the stage */
export async function compareRounding(folder: string, signal: AbortSignal): Promise<RoundingEffect> {
  const read = <Role extends SplitRole>(role: Role): PathTable<Role> => {
    const parts = readdirSync(join(folder, role)).sort();
    return openTableParts(
      parts.map((part) => openByteSource(join(folder, role, part))),
      role,
    );
  };
  const exact: Tables = { train: read("train"), validation: read("validation"), test: read("test") };
  const halves: Tables = {
    train: rounded(exact.train),
    validation: rounded(exact.validation),
    test: rounded(exact.test),
  };
  const space = spaceOf(exact.train);
  const paths = legalPaths(space);
  const of = (tables: Tables, seed: number) =>
    fitted({ ...tables, test: { ...tables.test, paths } }, space, seed, signal);
  const [float32, float16, otherSeed] = [await of(exact, 1), await of(halves, 1), await of(exact, 2)];
  const overPaths = (measure: (path: (typeof paths)[number]) => number) => mean(paths.map(measure)) as number;
  const targetChange = (other: { targets: ErrorTargets; tables: Tables }) =>
    overPaths((path) =>
      meanDifference(targetsOf(float32.targets, path, exact.test), targetsOf(other.targets, path, other.tables.test)),
    );
  return {
    images: { train: exact.train.count, validation: exact.validation.count, test: exact.test.count },
    paths: paths.length,
    largestChange: Math.max(
      ...paths.map((path) => largestDifference(exact.test.probabilities(path), halves.test.probabilities(path))),
    ),
    otherAnswers: overPaths((path) => {
      const [before, after] = [answersAlong(exact.test, path), answersAlong(halves.test, path)];
      return mean(before.map((answer, i) => (answer === after[i] ? 0 : 1))) as number;
    }),
    targetChange: targetChange(float16),
    targetChangeOfSeeds: targetChange(otherSeed),
    targetBrier: { float32: float32.targetBrier, float16: float16.targetBrier },
    gateBrier: { float32: float32.gateBrier, float16: float16.gateBrier, float32OtherSeed: otherSeed.gateBrier },
  };
}

async function fitted(tables: Tables, space: PathSpace, seed: number, signal: AbortSignal) {
  const { train, validation, test } = tables;
  const targets = await fitErrorTargets({
    table: { ...validation, paths: test.paths },
    ...{ clusterCount: 20, restarts: 3, seed, signal },
  });
  const targetsAlong: Parameters<typeof gateDiagnostics>[0]["targets"] = (path, table) =>
    targetsOf(targets, path, table);
  const gates = await trainGates({ train, validation, space, targets: targetsAlong, seed, maxEpochs: 10, signal });
  const scores = gateDiagnostics({ gates, table: test, targets: targetsAlong });
  const gateBrier = mean(scores.map(({ brier }) => brier ?? Number.NaN)) as number;
  return { tables, targets, targetBrier: scoreErrorTargets(targets, test).brier, gateBrier };
}

/** The table as a file of halves gives it back. */
function rounded<Role extends SplitRole>(table: PathTable<Role>): PathTable<Role> {
  const bytes = Buffer.concat(encodeTablePart(table, { from: 0, elementType: "float16" }));
  return openTableParts([byteSourceOf(`${table.role} in float16`, bytes)], table.role);
}

/** Of a monotone router: what its training table was collected for. */
function spaceOf({ paths }: PathTable): PathSpace {
  const levels = [...new Set(paths.flat())].sort((a, b) => b - a);
  const exitCount = Math.max(...paths.map(({ length }) => length));
  return { levels, exitCount, order: "monotone", firstBlock: "highest" };
}

function meanDifference(a: Float32Array, b: Float32Array): number {
  return mean(a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN)))) as number;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}
