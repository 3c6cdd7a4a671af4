import type { StageDraft, StageEntry } from "@quee/artifacts";
import type { SplitRole } from "@quee/core";
import { type OpenPartsOptions, openTableParts, type StoredTable } from "@quee/path-tables";
import type { Run } from "../run/run.js";

/** The one file of a part, in the stage that made it. */
export const partFile = "part.qpp";

/** Takes the parts of a table over into a stage as `<name>/00000.qpp`, `<name>/00001.qpp`, …; nothing is copied. */
export async function keepTable(draft: StageDraft, name: string, parts: readonly StageEntry[]): Promise<void> {
  for (const [i, part] of parts.entries()) {
    await draft.adopt(`${name}/${String(i).padStart(5, "0")}.qpp`, part, partFile);
  }
}

/** What paths answer in place of what was collected. */
export type ChangedAnswers = NonNullable<OpenPartsOptions["answers"]>;

/** A table that a stage keeps under `name`; of its bytes as many stay in memory as the config allows. */
export function openTable<Role extends SplitRole>(
  entry: Pick<StageEntry, "files" | "openPieces">,
  name: string,
  role: Role,
  { tables }: Pick<Run["config"], "tables">,
  answers?: ChangedAnswers,
): StoredTable<Role> {
  const parts = [...entry.files.keys()].filter((file) => file.startsWith(`${name}/`)).sort();
  const cacheBytes = tables.memoryMegabytes * 2 ** 20;
  return openTableParts(
    parts.map((file) => entry.openPieces(file)),
    role,
    { cacheBytes, ...(answers === undefined ? {} : { answers }) },
  );
}
