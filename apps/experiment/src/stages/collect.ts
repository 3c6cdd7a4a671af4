import { stageKey } from "@quee/artifacts";
import { legalPaths, type Path, pathKey, type SplitRole, uniformPaths } from "@quee/core";
import type { AnyImageSplit } from "@quee/datasets";
import { collectPathTable } from "@quee/path-runtime";
import { createPathTable, decodePathTable, encodePathTable, type PathTable } from "@quee/path-tables";
import { type Fingerprinted, levelsOf, pathSpaceOf, type Run, runStage } from "../run/run.js";
import type { Dataset, DatasetSplits } from "./dataset.js";
import { imageSource } from "./image-source.js";
import type { Prepared } from "./prepare.js";
import { float, type QuantizedBlocks, registerBlocks } from "./quantize-blocks.js";

/** p̂ of every path on every split. */
export interface Tables {
  readonly train: PathTable<"train">;
  readonly validation: PathTable<"validation">;
  readonly test: PathTable<"test">;
}

/** Images whose table is kept when a run is stopped: half a minute of work or so. */
const chunkSize = 2_500;
const chunkVersion = 1;
const roles = ["train", "validation", "test"] as const;

/** Walks the tree of paths for every image, in chunks that survive a stop. */
export async function collect(run: Run, dataset: Dataset, prepared: Prepared, blocks: QuantizedBlocks & Fingerprinted) {
  const { config } = run;
  const inputsOf = (role: keyof DatasetSplits) => ({
    blocks: blocks.fingerprint,
    preprocessing: prepared.model.preprocessing,
    images: dataset.digest(role),
    paths: pathsFor(run, role).map(pathKey),
    batchSize: config.batchSize,
  });
  return runStage<Tables>(run, {
    name: "collect",
    version: 1,
    inputs: Object.fromEntries(roles.map((role) => [role, inputsOf(role)])),
    async produce(draft, progress) {
      await registerBlocks(run, blocks, [...levelsOf(config), float]);
      const total = roles.reduce((sum, role) => sum + dataset[role].count, 0);
      let before = 0;
      for (const role of roles) {
        const split: AnyImageSplit<SplitRole> = dataset[role];
        const paths = pathsFor(run, role);
        const chunks: PathTable[] = [];
        for (let from = 0; from < split.count; from += chunkSize) {
          const count = Math.min(chunkSize, split.count - from);
          const inputs = { ...inputsOf(role), role, from, count, platform: run.platform };
          const key = stageKey({ stage: "collect-chunk", version: chunkVersion, inputs });
          const { entry } = await run.cache.produce(key, async (chunk) => {
            const table = await collectPathTable({
              pool: await run.pool(),
              blocks,
              images: imageSource(split, prepared.model.preprocessing, from, count),
              role: split.role,
              labels: split.labels.slice(from, from + count),
              paths,
              batchSize: config.batchSize,
              signal: run.signal,
              onProgress: ({ done }) => progress.update(before + done, total, "images"),
            });
            await chunk.write("table.bin", encodePathTable(table));
          });
          chunks.push(decodePathTable(await entry.read("table.bin"), role));
          before += count;
          progress.update(before, total, "images");
        }
        await draft.write(`${role}.bin`, encodePathTable(join(chunks, paths)));
      }
    },
    async load(entry) {
      const read = async <Role extends SplitRole>(role: Role) =>
        decodePathTable(await entry.read(`${role}.bin`), role, { file: `${role}.bin` });
      return { train: await read("train"), validation: await read("validation"), test: await read("test") };
    },
    describe: ({ train, validation, test }) =>
      `${train.count} + ${validation.count} + ${test.count} images, ${legalPaths(pathSpaceOf(config)).length} legal paths`,
  });
}

/**
 * The legal paths; on the splits that rivals are compared on also every bit-width from first block to last, and full
 * precision.
 */
function pathsFor(run: Run, role: SplitRole): readonly Path[] {
  const space = pathSpaceOf(run.config);
  const legal = legalPaths(space);
  if (role === "train") return legal;
  const known = new Set(legal.map(pathKey));
  const uniform = [...levelsOf(run.config), float].flatMap((level) => uniformPaths(level, space.exitCount));
  return [...legal, ...uniform.filter((path) => !known.has(pathKey(path)))];
}

function join(chunks: readonly PathTable[], paths: readonly Path[]): PathTable {
  const [first] = chunks;
  if (first === undefined) throw new RangeError("a split has at least one image");
  const labels = new Int32Array(chunks.reduce((sum, { count }) => sum + count, 0));
  const probabilities = paths.map(() => new Float32Array(labels.length * first.classCount));
  let at = 0;
  for (const chunk of chunks) {
    labels.set(chunk.labels, at);
    for (const [p, path] of paths.entries()) probabilities[p]?.set(chunk.probabilities(path), at * first.classCount);
    at += chunk.count;
  }
  return createPathTable({ role: first.role, classCount: first.classCount, labels, paths, probabilities });
}
