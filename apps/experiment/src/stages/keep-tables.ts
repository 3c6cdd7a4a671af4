import type { StageDraft } from "@quee/artifacts";
import type { SplitRole } from "@quee/core";
import type { StageProgress } from "../run/progress.js";
import type { Run } from "../run/run.js";
import { type CollectTableOptions, collectParts } from "./collect-table.js";
import { keepTable } from "./table-files.js";

/** Collects tables of splits, one after the other, into a stage under the names of their roles; progress counts the images of all. */
export async function keepTables(
  run: Run,
  draft: StageDraft,
  splits: readonly Omit<CollectTableOptions<SplitRole>, "onImages">[],
  { update }: Pick<StageProgress, "update">,
): Promise<void> {
  const total = splits.reduce((sum, { split }) => sum + split.count, 0);
  let before = 0;
  for (const options of splits) {
    const { role, count } = options.split;
    const onImages = (done: number) => update(before + done, total, "images");
    await keepTable(draft, role, await collectParts(run, { ...options, onImages }));
    before += count;
  }
}
