import { type CostTable, costOf, type Path, pathKey, QueeError } from "@quee/core";
import type { PathTable, Replay } from "@quee/path-tables";
import { argmaxRows, tensor } from "@quee/tensor";

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
export function clairvoyantOracle(table: PathTable, { paths, costs, lambda }: OracleOptions): Replay {
  if (paths.length === 0 || !(lambda >= 0 && lambda < Number.POSITIVE_INFINITY)) {
    const got = `${paths.length} paths, λ = ${lambda}`;
    throw new QueeError({ code: "E_ORACLE", kind: "config", expected: "paths, and a finite λ of at least 0", got });
  }
  const indexOf = new Map(table.paths.map((path, p) => [pathKey(path), p]));
  const byCost = paths.toSorted((a, b) => costOf(costs, a) - costOf(costs, b));
  const shape = [table.count, table.classCount];
  const replay = {
    exit: "replayed",
    policy: `clairvoyant oracle λ=${lambda}`,
    exitCount: Math.max(...paths.map((path) => path.length)),
    pathIndex: new Int32Array(table.count),
    prediction: new Int32Array(table.count),
    correct: new Uint8Array(table.count),
  } as const;
  const least = new Float64Array(table.count).fill(Number.POSITIVE_INFINITY);
  for (const path of byCost) {
    const cost = lambda * costOf(costs, path);
    const classes = argmaxRows(tensor(shape, table.probabilities(path)));
    for (const [i, answer] of classes.entries()) {
      const correct = answer === table.labels[i] ? 1 : 0;
      const loss = cost + 1 - correct;
      if (loss >= least[i]) continue;
      least[i] = loss;
      replay.pathIndex[i] = indexOf.get(pathKey(path)) as number;
      replay.prediction[i] = answer;
      replay.correct[i] = correct;
    }
  }
  return replay;
}
