import { type Path, pathKey, QueeError } from "@quee/core";
import type { PathTable, Replay } from "@quee/path-tables";
import type { LiveResult } from "./run-live.js";

/** An image that a live run and a replay did not treat alike. */
export interface Difference {
  readonly image: number;
  readonly live: { readonly path: Path; readonly prediction: number };
  readonly replayed: { readonly path: Path; readonly prediction: number };
  /** What the two paths share: the gate behind it is where they parted. Equal to both where only the prediction differs or one abstained. */
  readonly common: Path;
}

/**
 * Images whose path or prediction differs between a live run and the replay of the same policy. Batches of another size
 * change sums by some 1e-6, so a decision may flip where two candidates are as good as equal, and nowhere else.
 */
export function compareDecisions(
  live: LiveResult,
  replayed: Pick<Replay, "pathIndex" | "prediction">,
  table: Pick<PathTable, "paths">,
): readonly Difference[] {
  if (live.pathIndex.length !== replayed.pathIndex.length) {
    throw new QueeError({
      code: "E_NOT_COMPARABLE",
      kind: "internal",
      where: "live run and replay",
      expected: "the same images",
      got: `${live.pathIndex.length} and ${replayed.pathIndex.length} of them`,
    });
  }
  const differences: Difference[] = [];
  for (const [image, p] of live.pathIndex.entries()) {
    const one = { path: live.paths[p], prediction: live.prediction[image] };
    const other = { path: table.paths[replayed.pathIndex[image]], prediction: replayed.prediction[image] };
    if (pathKey(one.path) === pathKey(other.path) && one.prediction === other.prediction) continue;
    differences.push({ image, live: one, replayed: other, common: commonPrefix(one.path, other.path) });
  }
  return differences;
}

function commonPrefix(a: Path, b: Path): Path {
  const parting = a.findIndex((level, j) => level !== b[j]);
  return parting < 0 ? a : a.slice(0, parting);
}
