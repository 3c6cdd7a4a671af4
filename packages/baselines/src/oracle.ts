import { type CostTable, costOf, type Path, pathKey, QueeError } from "@quee/core";
import { answersAlong, correctAlong, type PathTable, type Replay } from "@quee/path-tables";

export interface OracleOptions {
  /** The paths it may choose from: those of the policies that it bounds. */
  readonly paths: readonly Path[];
  readonly costs: CostTable;
  readonly lambda: number;
}

/**
 * Knows the labels and sends every image along argmin λ·c(π) + 1[f_π is wrong]: no policy on these paths does better at this
 * λ. Equal losses go to the cheaper path. It is a bound, not a policy: it sees what no gate can.
 */
export function clairvoyantOracle(table: PathTable, options: OracleOptions): Replay {
  const wrong = (path: Path) => correctAlong(table, path).map((hit) => 1 - hit);
  return alongTheLeast(table, { ...options, name: "clairvoyant oracle", errorOf: wrong });
}

export interface ErrorTargetOracleOptions extends OracleOptions {
  /** p̃e(f_π | x) of every sample, [N]: `targetsOf` of `@quee/error-target-clustering`. */
  readonly errorTargets: (path: Path, table: PathTable) => Float32Array;
}

/**
 * Sends every image along argmin λ·c(π) + p̃e(f_π | x): what QuEE's gates would do if they foresaw their targets without error.
 * It sees p̂ of paths that were not taken, so it is a bound too; it knows no labels.
 */
export function errorTargetOracle(table: PathTable, options: ErrorTargetOracleOptions): Replay {
  const errorOf = (path: Path) => options.errorTargets(path, table);
  return alongTheLeast(table, { ...options, name: "oracle of error targets", errorOf });
}

/** Every image along the path with the least λ·c + error, the cheapest of equals. */
function alongTheLeast(
  table: PathTable,
  options: OracleOptions & { readonly name: string; readonly errorOf: (path: Path) => ArrayLike<number> },
): Replay {
  const { paths, costs, lambda, name, errorOf } = options;
  if (paths.length === 0 || !(lambda >= 0 && lambda < Number.POSITIVE_INFINITY)) {
    const got = `${paths.length} paths, λ = ${lambda}`;
    throw new QueeError({ code: "E_ORACLE", kind: "config", expected: "paths, and a finite λ of at least 0", got });
  }
  const indexOf = new Map(table.paths.map((path, p) => [pathKey(path), p]));
  const replay = {
    exit: "replayed",
    policy: `${name} λ=${lambda}`,
    exitCount: Math.max(...paths.map((path) => path.length)),
    pathIndex: new Int32Array(table.count),
    prediction: new Int32Array(table.count),
    correct: new Uint8Array(table.count),
  } as const;
  const least = new Float64Array(table.count).fill(Number.POSITIVE_INFINITY);
  for (const path of paths.toSorted((a, b) => costOf(costs, a) - costOf(costs, b))) {
    const cost = lambda * costOf(costs, path);
    const error = errorOf(path);
    for (const [i, answer] of answersAlong(table, path).entries()) {
      const loss = cost + error[i];
      if (loss >= least[i]) continue;
      least[i] = loss;
      replay.pathIndex[i] = indexOf.get(pathKey(path)) as number;
      replay.prediction[i] = answer;
      replay.correct[i] = answer === table.labels[i] ? 1 : 0;
    }
  }
  return replay;
}
