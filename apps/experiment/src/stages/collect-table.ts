import { stageKey } from "@quee/artifacts";
import { type Path, pathKey, type SplitRole } from "@quee/core";
import type { AnyImageSplit, PreprocessorConfig } from "@quee/datasets";
import { collectPathTable } from "@quee/path-runtime";
import { decodePathTable, encodePathTable, joinSamples, type PathTable } from "@quee/path-tables";
import type { Run } from "../run/run.js";
import { imageSource } from "./image-source.js";
import type { QuantizedBlocks } from "./quantize-blocks.js";

/** Images whose table is kept when a run is stopped: half a minute of work or so. */
const chunkSize = 2_500;
const chunkVersion = 2;

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
  /** Stands for the images of the split in the keys of chunks. */
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
  };
}

/** p̂ of some paths on a split, in chunks that survive a stop. The models of their levels must be registered. */
export async function collectTable<Role extends SplitRole>(
  run: Run,
  options: CollectTableOptions<Role>,
): Promise<PathTable<Role>> {
  const { blocks, preprocessing, split, wanted, onImages } = options;
  const inputs = { ...tableInputs(run, options), platform: run.platform };
  const chunks: { table: PathTable<Role>; samples: Int32Array }[] = [];
  for (let from = 0; from < split.count; from += chunkSize) {
    const count = Math.min(chunkSize, split.count - from);
    const key = stageKey({ stage: "collect-chunk", version: chunkVersion, inputs: { ...inputs, from, count } });
    const { entry } = await run.cache.produce(key, async (chunk) => {
      const table = await collectPathTable({
        pool: await run.pool(),
        blocks,
        images: imageSource(split, preprocessing, from, count),
        role: split.role,
        labels: split.labels.slice(from, from + count),
        ...wanted,
        batchSize: run.config.batchSize,
        signal: run.signal,
        onProgress: ({ done }) => onImages(from + done),
      });
      await chunk.write("table.bin", encodePathTable(table, wanted));
    });
    const table = decodePathTable(await entry.read("table.bin"), split.role);
    chunks.push({ table, samples: Int32Array.from({ length: count }, (_, i) => from + i) });
    onImages(from + count);
  }
  return joinSamples(chunks);
}
