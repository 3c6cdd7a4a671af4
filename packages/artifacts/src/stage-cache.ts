import { randomUUID } from "node:crypto";
import { rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { draftName, sweepDrafts } from "./draft-names.js";
import { syncDirectory } from "./durable-write.js";
import { errnoOf, fileError } from "./file-errors.js";
import type { LiveHolder } from "./holder.js";
import { openDraft, type StageDraft } from "./stage-draft.js";
import { openStageEntry, type StageEntry } from "./stage-entry.js";
import type { StageKey } from "./stage-key.js";

export interface Produced {
  readonly entry: StageEntry;
  /** True where the result was there already and the producer did not run. */
  readonly cached: boolean;
}

/**
 * Results of stages under the hash of what they depend on: `<root>/<stage>/<key>/`. A result is there whole or not at
 * all, so a run that is killed anywhere continues with the stage that it was in. Several runs may share one cache.
 */
export interface StageCache {
  readonly root: string;
  /** @returns null where the stage has not been made. @throws QueeError of kind artifact where it is corrupt */
  open(key: StageKey): Promise<StageEntry | null>;
  /** Opens the result, or makes it with `producer`, whose failure leaves nothing behind. */
  produce(key: StageKey, producer: (draft: StageDraft) => Promise<void>): Promise<Produced>;
  /** Removes a result, so that the next run makes it anew. */
  discard(key: StageKey): Promise<void>;
}

/** Opens (creates) a cache and sweeps what killed runs of this host left unfinished in it. */
export async function openStageCache(root: string, self: LiveHolder): Promise<StageCache> {
  const drafts = join(root, ".drafts");
  await sweepDrafts(drafts, self);
  const directoryOf = (key: StageKey): string => join(root, key.stage, key.hash);

  const open = async (key: StageKey): Promise<StageEntry | null> => {
    const directory = directoryOf(key);
    return (await exists(directory)) ? openStageEntry(directory, key) : null;
  };

  const make = async (key: StageKey, producer: (draft: StageDraft) => Promise<void>): Promise<Produced> => {
    const draft = await openDraft(join(drafts, draftName(self, randomUUID())), key);
    try {
      await producer(draft);
      const isOurs = await draft.publish(directoryOf(key));
      if (!isOurs) await draft.abandon();
      return { entry: await openStageEntry(directoryOf(key), key), cached: !isOurs };
    } catch (error) {
      await draft.abandon();
      throw error;
    }
  };

  const underWay = new Map<string, Promise<Produced>>();
  const produce: StageCache["produce"] = async (key, producer) => {
    // Two askers of one key in one program share the work.
    const id = directoryOf(key);
    const running = underWay.get(id);
    if (running !== undefined) return { entry: (await running).entry, cached: true };
    const work = open(key).then((entry) => (entry === null ? make(key, producer) : { entry, cached: true }));
    underWay.set(id, work);
    return work.finally(() => underWay.delete(id));
  };

  const discard = async (key: StageKey): Promise<void> => {
    const directory = directoryOf(key);
    if (!(await exists(directory))) return;
    const aside = join(drafts, draftName(self, randomUUID()));
    try {
      // Gone in one step: a half-removed result must not be found.
      await rename(directory, aside);
      await syncDirectory(join(root, key.stage));
      await rm(aside, { recursive: true, force: true });
    } catch (error) {
      throw fileError(directory, "remove the stage", error);
    }
  };
  return { root, open, produce, discard };
}

async function exists(directory: string): Promise<boolean> {
  try {
    await stat(directory);
    return true;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw fileError(directory, "look into it", error);
  }
}
