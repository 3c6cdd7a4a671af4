import { type Path, type PathKey, pathKey } from "@quee/core";
import type { PreparedTable } from "../gate-data.js";
import { inPieces } from "../in-pieces.js";
import type { GateNetwork } from "../network.js";
import { wrongness } from "../wrongness.js";
import { type ClosedLoop, lossPredictor } from "./closed-loop.js";
import { type Step, stepsFrom } from "./steps.js";

/**
 * What really happened to every sample of a table behind a path, once the gates from there on had decided: 1 where the answer
 * was wrong, and λ times what was paid for blocks behind the path. [N, λ] row-major. Behind the last block nothing is paid.
 */
export interface LossesToGo {
  behind(path: Path): Float32Array;
  /** Lets the gate behind `prefixes` decide for every sample, and remembers what became of them. */
  decide(network: GateNetwork, prefixes: readonly Path[]): void;
  /** 1 where the exit at the end of `path` errs. [N] */
  wrongAt(path: Path): Float32Array;
}

export function lossesToGo(
  { table, features, targetsOf }: PreparedTable,
  lambdas: readonly number[],
  loop: Pick<ClosedLoop, "space" | "costs" | "range">,
): LossesToGo {
  const wrongAt = targetsOf(wrongness);
  const known = new Map<PathKey, Float32Array>();
  const behind = (path: Path): Float32Array => {
    const found = known.get(pathKey(path)) ?? atEveryLambda(wrongAt(path), lambdas.length);
    known.set(pathKey(path), found);
    return found;
  };
  return {
    behind,
    wrongAt,
    decide(network, prefixes) {
      for (const prefix of prefixes) {
        // Cheapest first, so that ties go to the cheaper.
        const steps = stepsFrom(prefix, loop.space, loop.costs).toSorted((a, b) => a.cost - b.cost);
        const predict = lossPredictor(network, steps, lambdas, loop);
        const after = steps.map(({ path, isExit }) =>
          isExit ? atEveryLambda(wrongAt(path), lambdas.length) : behind(path),
        );
        const realised = new Float32Array(table.count * lambdas.length);
        for (const rows of inPieces(table.count, 512)) {
          const expected = predict(features(prefix, rows));
          for (const [i, row] of rows.entries()) {
            const of = expected.subarray(i * steps.length * lambdas.length, (i + 1) * steps.length * lambdas.length);
            for (let l = 0; l < lambdas.length; l++) {
              const taken = leastLoss(steps, of, lambdas, l);
              const at = row * lambdas.length + l;
              realised[at] = lambdas[l] * steps[taken].cost + after[taken][at];
            }
          }
        }
        known.set(pathKey(prefix), realised);
      }
    },
  };
}

/** The step of least λ·cost + expected loss behind it; the earlier wins ties. @param expected [steps · λ] of one sample */
function leastLoss(steps: readonly Step[], expected: Float32Array, lambdas: readonly number[], l: number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let a = 0; a < steps.length; a++) {
    const loss = lambdas[l] * steps[a].cost + expected[a * lambdas.length + l];
    if (loss < least) [best, least] = [a, loss];
  }
  return best;
}

function atEveryLambda(values: Float32Array, lambdaCount: number): Float32Array {
  const repeated = new Float32Array(values.length * lambdaCount);
  for (let i = 0; i < values.length; i++) repeated.fill(values[i], i * lambdaCount, (i + 1) * lambdaCount);
  return repeated;
}
