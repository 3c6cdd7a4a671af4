import { type CostTable, costOf, type PathKey, parsePathKey, QueeError } from "@quee/core";

/** How well times of whole paths are the sums of their parts. */
export interface Additivity {
  /** 1 − Σ(measured − predicted)² / Σ(measured − mean)²: of the prediction as it is, nothing is fitted. Below 1 by what is missed. */
  readonly rSquared: number;
  /** Mean of |predicted − measured| / measured. */
  readonly meanRelativeError: number;
  /** The largest |predicted − measured| / measured, and its path. */
  readonly largest: { readonly path: PathKey; readonly relativeError: number };
  readonly paths: readonly { readonly path: PathKey; readonly predictedMs: number; readonly measuredMs: number }[];
}

/**
 * Compares a table of costs in time with paths that were measured whole.
 * @param measuredMs milliseconds per image, of two paths or more that differ
 */
export function additivityOf(table: CostTable, measuredMs: ReadonlyMap<PathKey, number>): Additivity {
  const paths = [...measuredMs].map(([path, measured]) => ({
    path,
    predictedMs: costOf(table, parsePathKey(path)) * table.unitCost,
    measuredMs: measured,
  }));
  const measured = paths.map((one) => one.measuredMs);
  const spread = squaresAround(measured, mean(measured));
  if (table.unit !== "ms" || !(spread > 0) || !measured.every((ms) => ms > 0 && Number.isFinite(ms))) {
    throw new QueeError({
      code: "E_ADDITIVITY",
      kind: "internal",
      where: `cost table "${table.name}"`,
      expected: "costs in ms, and measured times above 0 that are not all the same",
      got: `${table.unit}, ${measured.join(", ")}`,
    });
  }
  const errors = paths.map(({ path, predictedMs, measuredMs: ms }) => ({
    path,
    relativeError: Math.abs(predictedMs - ms) / ms,
  }));
  const missed = paths.reduce((sum, { predictedMs, measuredMs: ms }) => sum + (ms - predictedMs) ** 2, 0);
  return {
    rSquared: 1 - missed / spread,
    meanRelativeError: mean(errors.map(({ relativeError }) => relativeError)),
    largest: errors.reduce((worst, one) => (one.relativeError > worst.relativeError ? one : worst)),
    paths,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function squaresAround(values: readonly number[], center: number): number {
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0);
}
