import { legalPaths, type Path, type PathKey, type PathSpace, pathKey, QueeError, type SplitRole } from "@quee/core";
import { answersAlong, correctAlong, type PathTable, tableView } from "@quee/path-tables";
import { type Predict, predictChecked } from "./predictions.js";

/**
 * What every gate predicts for every sample of a split, and which paths answer right. Neither λ nor costs enter, so one
 * foresight serves every sweep.
 */
export interface Foresight<Role extends SplitRole = SplitRole> {
  readonly role: Role;
  /** N */
  readonly count: number;
  readonly space: PathSpace;
  readonly paths: readonly Path[];
  /** By path, in the order of `paths`: the class that it answers, each [N] */
  readonly answers: readonly Int32Array[];
  /** By path: 1 where it answers right, each [N] */
  readonly correct: readonly Uint8Array[];
  /** By prefix, for all prefixes of 1 … E − 1 blocks. */
  readonly gates: ReadonlyMap<PathKey, ForeseenGate>;
}

export interface ForeseenGate {
  readonly prefix: Path;
  readonly candidates: readonly Path[];
  /** [N, A] row-major */
  readonly predictedError: Float32Array;
}

export interface ForeseeOptions {
  readonly space: PathSpace;
  /** Samples that a predictor is asked about together; 512 by default. */
  readonly batchSize?: number;
}

/** Asks every gate about every sample, as if all had come that way. Holds N floats per prefix and candidate. */
export function foresee<Role extends SplitRole>(
  predict: Predict,
  table: PathTable<Role>,
  { space, batchSize = 512 }: ForeseeOptions,
): Foresight<Role> {
  const paths = legalPaths(space);
  const legal = new Set(paths.map(pathKey));
  const inner = paths.filter((path) => path.length < space.exitCount);
  const gates = new Map(
    inner.map((prefix) => {
      const gate = foreseeGate(predict, table, prefix, batchSize);
      const stranger = gate.candidates.find((path) => !legal.has(pathKey(path)));
      if (stranger !== undefined) throw outOfSpace(prefix, stranger);
      return [pathKey(prefix), gate];
    }),
  );
  const answers = paths.map((path) => answersAlong(table, path));
  const correct = paths.map((path) => correctAlong(table, path));
  return { role: table.role, count: table.count, space, paths, answers, correct, gates };
}

function foreseeGate(predict: Predict, table: PathTable, prefix: Path, batchSize: number): ForeseenGate {
  let candidates: readonly Path[] = [];
  let predictedError = new Float32Array(0);
  for (let from = 0; from < table.count; from += batchSize) {
    const samples = Int32Array.from({ length: Math.min(batchSize, table.count - from) }, (_, i) => from + i);
    const predictions = predictChecked(predict, tableView(table, prefix, samples));
    if (from === 0) {
      candidates = predictions.candidates;
      predictedError = new Float32Array(table.count * candidates.length);
    } else if (predictions.candidates.map(pathKey).join() !== candidates.map(pathKey).join()) {
      throw changingCandidates(prefix, candidates, predictions.candidates);
    }
    predictedError.set(predictions.predictedError, from * candidates.length);
  }
  return { prefix, candidates, predictedError };
}

function outOfSpace(prefix: Path, stranger: Path): QueeError {
  return new QueeError({
    code: "E_PREDICTIONS",
    kind: "internal",
    where: `predictions at the gate behind ${pathKey(prefix)}`,
    expected: "candidates that the path space allows",
    got: pathKey(stranger),
    hint: "Foresee the space that the gates were made for; `among` of a sweep leaves candidates out",
  });
}

function changingCandidates(prefix: Path, before: readonly Path[], now: readonly Path[]): QueeError {
  return new QueeError({
    code: "E_PREDICTIONS",
    kind: "internal",
    where: `predictions at the gate behind ${pathKey(prefix)}`,
    expected: `the candidates of the first batch, ${before.map(pathKey).join(" ")}`,
    got: now.map(pathKey).join(" "),
  });
}
