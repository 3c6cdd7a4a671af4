import { pathKey, QueeError, type SplitRole } from "@quee/core";
import { exitFeatureRowsOf, type PathTable } from "@quee/path-tables";
import { randomStream } from "@quee/tensor";
import { principalDirections } from "./principal-directions.js";

/** x ↦ x·W + b for what the head of one exit reads: plain numbers, as gates are stored with it. */
export interface TokenProjection {
  /** D */
  readonly inputs: number;
  /** M */
  readonly outputs: number;
  /** [D, M] row-major */
  readonly weight: readonly number[];
  /** [M] */
  readonly bias: readonly number[];
}

export interface FitTokenProjectionsOptions {
  /** Training images: carries the exit features of all its paths. */
  readonly table: PathTable<SplitRole>;
  /** E */
  readonly exitCount: number;
  /** M. Default 8, the width of a gate's embedding. */
  readonly outputs?: number;
  /** At most so many, evenly out of the table. Default 4,096. */
  readonly sampleCount?: number;
  readonly seed: number;
}

/**
 * One projection per exit that a gate stands behind, 1 … E − 1: the directions in which what heads read varies most over training
 * images and quantized paths, each scaled to variance 1. Principal directions, since a few random ones of hundreds keep little of
 * what varies; fixed before training, since a gate of 400 numbers would else have thousands more to fit (`class-token` has them).
 */
export function fitTokenProjections(options: FitTokenProjectionsOptions): readonly TokenProjection[] {
  const { exitCount } = options;
  return Array.from({ length: exitCount - 1 }, (_, e) => fitOne(e + 1, options));
}

function fitOne(exit: number, options: FitTokenProjectionsOptions): TokenProjection {
  const { table, outputs = 8, sampleCount = 4096, seed } = options;
  const paths = table.paths.filter(({ length }) => length === exit);
  const stride = Math.max(1, table.count / sampleCount);
  const samples = Int32Array.from({ length: Math.min(sampleCount, table.count) }, (_, i) => Math.floor(i * stride));
  // Sample after sample along another path.
  const pieces = paths.map((path, p) =>
    exitFeatureRowsOf(
      table,
      path,
      samples.filter((_, i) => i % paths.length === p),
    ),
  );
  const rows = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  pieces.reduce((at, piece) => {
    rows.set(piece, at);
    return at + piece.length;
  }, 0);
  const inputs = rows.length / samples.length;
  if (paths.length === 0 || inputs === 0) throw noFeatures(exit, paths.map(pathKey).join(", "));
  const random = randomStream(seed, `class token at exit ${exit}`);
  return projectionOf(principalDirections(rows, inputs, outputs, random), inputs, outputs);
}

/** (x − mean)·v / σ for each direction; zeros where there are fewer. */
function projectionOf(
  { mean, directions }: ReturnType<typeof principalDirections>,
  inputs: number,
  outputs: number,
): TokenProjection {
  const columns = directions.map(({ vector, variance }) => vector.map((value) => value / Math.sqrt(variance)));
  const rounded = (column: number, d: number) => Math.fround(columns[column]?.[d] ?? 0);
  return {
    inputs,
    outputs,
    weight: Array.from({ length: inputs * outputs }, (_, at) => rounded(at % outputs, Math.floor(at / outputs))),
    bias: Array.from({ length: outputs }, (_, m) =>
      Math.fround(-(columns[m]?.reduce((sum, value, d) => sum + value * mean[d], 0) ?? 0)),
    ),
  };
}

/** @param rows [n, D] @returns [n, M] */
export function projectRows({ inputs, outputs, weight, bias }: TokenProjection, rows: Float32Array): Float32Array {
  const projected = new Float32Array((rows.length / inputs) * outputs);
  const sums = new Float64Array(outputs);
  for (let from = 0, to = 0; from < rows.length; from += inputs, to += outputs) {
    sums.set(bias);
    for (let d = 0; d < inputs; d++) {
      for (let m = 0; m < outputs; m++) sums[m] += rows[from + d] * weight[d * outputs + m];
    }
    projected.set(sums, to);
  }
  return projected;
}

function noFeatures(exit: number, paths: string): QueeError {
  return new QueeError({
    code: "E_GATE_FEATURES",
    kind: "internal",
    where: `exit features at exit ${exit}`,
    expected: "a table that carries them",
    got: paths === "" ? "no path that ends there" : `none of ${paths}`,
  });
}
