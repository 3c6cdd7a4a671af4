import type { SplitRole } from "@quee/core";
import { answerWithHeads, type ExitHead } from "@quee/exit-heads";
import { joinSamples, type PathTable, takeSamples } from "@quee/path-tables";

/**
 * Every sample answered by the heads of its fold.
 * @param table carries exit features
 * @param foldOf [N], the fold of each sample
 * @param heads by fold, of the exits 1 … E
 */
export async function answerByFolds<Role extends SplitRole>(
  table: PathTable<Role>,
  foldOf: Uint8Array,
  heads: readonly (readonly ExitHead[])[],
): Promise<PathTable<Role>> {
  const parts = [];
  for (const [fold, own] of heads.entries()) {
    const samples = Int32Array.from({ length: table.count }, (_, i) => i).filter((i) => foldOf[i] === fold);
    if (samples.length === 0) continue;
    parts.push({ table: await answerWithHeads(takeSamples(table, samples), own), samples });
  }
  return joinSamples(parts);
}
