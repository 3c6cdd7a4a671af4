import type { SplitRole } from "@quee/core";
import {
  createPathTable,
  exitFeatureRowsOf,
  type PathTable,
  runsOf,
  samplesOf,
  withExitFeatures,
} from "@quee/path-tables";
import { tensor } from "@quee/tensor";
import { checkFeatureTable } from "./check-features.js";
import type { ExitHead } from "./exit-head.js";
import { openHead } from "./open-head.js";

/**
 * The same samples and paths with the answers of other heads, in float32 from the features that the table carries: what every exit
 * would say if these heads stood there, without running a block again. Of features in files one run of one path is held at a time.
 * @param heads of the exits 1 … E, first exit first
 */
export async function answerWithHeads<Role extends SplitRole>(
  table: PathTable<Role>,
  heads: readonly ExitHead[],
): Promise<PathTable<Role>> {
  checkFeatureTable(table, heads);
  const { role, count, classCount, labels, paths } = table;
  const probabilities = paths.map(() => new Float32Array(count * classCount));
  for (const [e, head] of heads.entries()) {
    const width = head.weight.shape[0];
    const opened = await openHead(width, classCount);
    try {
      for (const [p, path] of paths.entries()) {
        if (path.length !== e + 1) continue;
        for (const run of runsOf(table)) {
          const rows = tensor([run.count, width], exitFeatureRowsOf(table, path, samplesOf(run)));
          probabilities[p].set((await opened.probabilities(head, rows)).data, run.from * classCount);
        }
      }
    } finally {
      await opened.release();
    }
  }
  return withExitFeatures(createPathTable({ role, classCount, labels, paths, probabilities }), table);
}
