import { type Path, type PathKey, pathKey, QueeError } from "@quee/core";
import type { Among } from "./choices.js";

/** At every gate only the candidates in `paths`: one set, fixed beforehand, e.g. by `samplePaths` of `@quee/core`. */
export function sampledCandidates(paths: readonly Path[]): Among {
  const kept = new Set<PathKey>(paths.map(pathKey));
  return (candidates) => candidates.filter((path) => kept.has(pathKey(path)));
}

export interface ResampleOptions {
  /** Candidates at a gate, at most. */
  readonly count: number;
  /** The lots of one gate: `(gate) => randomStream(seed, gate)` of `@quee/tensor` will do. */
  readonly random: (gate: PathKey) => { permutation(n: number): ArrayLike<number> };
}

/**
 * A new draw at every gate: π′ ~ U[P_π] without replacement. QuEE (arXiv 2406.14404), section 4 below equation 9.
 * Leaving now is always among them; it costs nothing more and its answer is there.
 *
 * All images at a gate get the same draw, so that batches do not matter and live runs equal replays. The mean over seeds is
 * that of a draw per image: what one image meets at its gates is drawn independently either way.
 */
export function resampledCandidates({ count, random }: ResampleOptions): Among {
  if (!Number.isInteger(count) || count < 1) {
    throw new QueeError({
      code: "E_SAMPLE_COUNT",
      kind: "config",
      where: "count of candidates at a gate",
      expected: "a whole number above 0",
      got: String(count),
    });
  }
  return (candidates, prefix) => {
    const onwards = candidates.filter((path) => path.length > prefix.length);
    const lots = Array.from(random(pathKey(prefix)).permutation(onwards.length)).slice(0, count - 1);
    const leaving = candidates.filter((path) => path.length === prefix.length);
    return [...leaving, ...lots.map((p) => onwards[p])];
  };
}
