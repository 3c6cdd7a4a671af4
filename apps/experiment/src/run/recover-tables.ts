import { relative, sep } from "node:path";
import type { StageKey } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import type { ConfigFile } from "../config/schema.js";
import type { Run } from "./run.js";

/** A file of a path table that is not what was written, and the result in the cache that has it. */
export interface DamagedTable {
  readonly key: StageKey;
  readonly error: QueeError;
}

/** Null where an error is about something else. @param root of the cache */
export function damagedTable(error: unknown, root: string): DamagedTable | null {
  if (!(error instanceof QueeError) || error.kind !== "artifact" || !error.file?.endsWith(".qpp")) return null;
  const [stage, hash, ...rest] = relative(root, error.file).split(sep);
  if (stage === undefined || hash === undefined || stage === ".." || rest.length === 0) return null;
  return { key: { stage, hash }, error };
}

/**
 * Does the work of a run, and once more for every damaged table that it comes upon: its stage is made anew, from the parts that are
 * whole. Its bytes are those that it had, so that later stages stand. Damage that comes back is thrown.
 */
export async function recoveringTables<Result>(
  { cache, progress, timings }: Pick<Run<ConfigFile>, "cache" | "progress" | "timings">,
  work: () => Promise<Result>,
): Promise<Result> {
  const recovered = new Set<string>();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const damage = damagedTable(error, cache.root);
      if (damage === null || recovered.has(damage.key.hash)) throw error;
      recovered.add(damage.key.hash);
      progress.line(`${damageOf(damage)}: ${damage.key.stage} is made anew`);
      await cache.discard(damage.key);
      timings.length = 0;
    }
  }
}

/** `…/train/00003.qpp is damaged (labels: expected …, got …)` */
export function damageOf({ error: { file, where, expected, got } }: DamagedTable): string {
  return `${file} is damaged (${where === undefined ? "" : `${where}: `}expected ${expected}, got ${got})`;
}
