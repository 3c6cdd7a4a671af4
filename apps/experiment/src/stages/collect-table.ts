import { type StageDraft, type StageEntry, type StageKey, stageKey } from "@quee/artifacts";
import { type Path, pathKey, type SplitRole } from "@quee/core";
import type { AnyImageSplit, PreprocessorConfig } from "@quee/datasets";
import { collectPathTable } from "@quee/path-runtime";
import { encodeTablePart, openTableParts, type StoredTable } from "@quee/path-tables";
import { damagedTable, damageOf } from "../run/recover-tables.js";
import type { Run } from "../run/run.js";
import { imageSource } from "./image-source.js";
import type { QuantizedBlocks } from "./quantize-blocks.js";
import { partFile } from "./table-files.js";

const partVersion = 1;

/**
 * Images of a part, which is kept when a run is stopped: half a minute of work or so of a small network, and never more than 64 MiB
 * of probabilities, which are in memory while they are collected.
 */
function imagesPerPart(pathCount: number, classCount: number, batchSize: number): number {
  return Math.max(batchSize, Math.min(2_500, Math.floor(2 ** 26 / (4 * pathCount * classCount))));
}

/** What is asked of every image of a split. */
export interface Wanted {
  readonly paths: readonly Path[];
  /** Of these paths what the head has read is kept too. */
  readonly featurePaths: readonly Path[];
}

export interface CollectTableOptions<Role extends SplitRole> {
  readonly blocks: QuantizedBlocks & { readonly fingerprint: string };
  readonly preprocessing: PreprocessorConfig;
  readonly split: AnyImageSplit<Role>;
  /** Stands for the images of the split in the keys of parts. */
  readonly digest: string;
  readonly wanted: Wanted;
  /** @param done images of this split */
  readonly onImages: (done: number) => void;
}

/** Everything that a table depends on, for the key of its stage. */
export function tableInputs<Role extends SplitRole>(
  run: Run,
  { blocks, preprocessing, split, digest, wanted }: Omit<CollectTableOptions<Role>, "onImages">,
) {
  return {
    blocks: blocks.fingerprint,
    preprocessing,
    images: digest,
    role: split.role,
    paths: wanted.paths.map(pathKey),
    featurePaths: wanted.featurePaths.map(pathKey),
    batchSize: run.config.batchSize,
    elements: run.config.tables.elements,
  };
}

/**
 * p̂ of some paths on a split, in parts that survive a stop: `keepTable` takes them into the stage that asked. The models of their levels
 * must be registered.
 */
export async function collectParts<Role extends SplitRole>(
  run: Run,
  options: CollectTableOptions<Role>,
): Promise<readonly StageEntry[]> {
  const { blocks, preprocessing, split, wanted, onImages } = options;
  const inputs = { ...tableInputs(run, options), platform: run.platform };
  const { batchSize, tables } = run.config;
  const size = imagesPerPart(wanted.paths.length, split.classCount, batchSize);
  const parts: StageEntry[] = [];
  for (let from = 0; from < split.count; from += size) {
    const count = Math.min(size, split.count - from);
    const key = stageKey({ stage: "collect-part", version: partVersion, inputs: { ...inputs, from, count } });
    const part = await wholePart(run, key, async (draft) => {
      const table = await collectPathTable({
        pool: await run.pool(),
        blocks,
        images: imageSource(split, preprocessing, from, count),
        role: split.role,
        labels: split.labels.slice(from, from + count),
        ...wanted,
        batchSize,
        signal: run.signal,
        onProgress: ({ done }) => onImages(from + done),
      });
      const { featurePaths } = wanted;
      await draft.write(partFile, encodeTablePart(table, { from, elementType: tables.elements, featurePaths }));
    });
    parts.push(part);
    onImages(from + count);
  }
  return parts;
}

/** A part as it was written: what a stage that was damaged took over must not be taken over again. */
async function wholePart(
  { cache, progress }: Pick<Run, "cache" | "progress">,
  key: StageKey,
  produce: (draft: StageDraft) => Promise<void>,
): Promise<StageEntry> {
  const { entry, cached } = await cache.produce(key, produce);
  try {
    if (cached) await entry.verify();
    return entry;
  } catch (error) {
    const damage = damagedTable(error, cache.root);
    if (damage === null) throw error;
    progress.line(`  ${damageOf(damage)}: this part is collected anew`);
    await cache.discard(key);
    return (await cache.produce(key, produce)).entry;
  }
}

/** The same as a table over the parts where they were made. */
export async function collectTable<Role extends SplitRole>(
  run: Run,
  options: CollectTableOptions<Role>,
): Promise<StoredTable<Role>> {
  const parts = await collectParts(run, options);
  return openTableParts(
    parts.map((part) => part.openPieces(partFile)),
    options.split.role,
    { cacheBytes: run.config.tables.memoryMegabytes * 2 ** 20 },
  );
}
