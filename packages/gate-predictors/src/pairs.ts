import { legalPaths, type Path, type PathSpace, startsWith } from "@quee/core";
import { encodePaths, type PathEncoding } from "./encode-path.js";
import type { TrainingPairs } from "./training-graph.js";

/** What gate j has to foresee: every way to go on from every way to come to it. */
export interface GatePairs {
  /** j */
  readonly gate: number;
  /** The legal paths of length j − 1. */
  readonly prefixes: readonly Path[];
  /** Prefix by prefix, each with its candidates in the order of `legalPaths`, to exit now first. */
  readonly pairs: readonly GatePair[];
}

export interface GatePair {
  /** Index into `prefixes`. */
  readonly prefix: number;
  readonly candidate: Path;
}

/** The pairs of the gates 2 … E. The first gate has no parameters. QuEE (arXiv 2406.14404), sections 4.2 and 5.2. */
export function gatePairs(space: PathSpace): readonly GatePairs[] {
  const paths = legalPaths(space);
  return Array.from({ length: space.exitCount - 1 }, (_, before) => {
    const prefixes = paths.filter((path) => path.length === before + 1);
    const pairs = prefixes.flatMap((prefix, p) =>
      paths.filter((path) => startsWith(path, prefix)).map((candidate) => ({ prefix: p, candidate })),
    );
    return { gate: before + 2, prefixes, pairs };
  });
}

/** The pairs as a training graph takes them. */
export function trainingPairs({ prefixes, pairs }: GatePairs, encoding: PathEncoding): TrainingPairs {
  const encoded = encodePaths(
    pairs.map(({ candidate }) => candidate),
    encoding,
  );
  return { prefixCount: prefixes.length, prefixOf: pairs.map(({ prefix }) => prefix), encoded };
}

/** p̃e(f_π | x) of every sample of one table, [N]. */
export type PathTargets = (path: Path) => Float32Array;
