import { stageKey } from "@quee/artifacts";
import { legalPaths, type PathSpace, pathKey } from "@quee/core";
import { decodePathTable, encodePathTable, type PathTable } from "@quee/path-tables";
import type { OpenedRun } from "../run/open-run.js";
import { levelsOf } from "../run/run.js";
import { collectTable } from "../stages/collect-table.js";
import { registerBlocks } from "../stages/quantize-blocks.js";

export interface FreeFirstTables {
  readonly validation: PathTable<"validation">;
  readonly test: PathTable<"test">;
}

/**
 * p̂ of every path of a space whose first block may run at any level, on validation and test images, for a run that
 * has no such paths. In chunks that survive a stop.
 */
export async function freeFirstTables(
  { run, blocks, prepared, dataset, tables }: OpenedRun,
  space: PathSpace,
  onImages: (done: number, total: number) => void,
): Promise<FreeFirstTables> {
  if (run.config.paths.first === "chosen") return tables;
  const wanted = { paths: legalPaths(space), featurePaths: [] };
  const total = dataset.validation.count + dataset.test.count;
  const optionsOf = <Role extends "validation" | "test">(role: Role, before: number) => ({
    ...{ blocks, wanted, preprocessing: prepared.model.preprocessing, digest: dataset.digest(role) },
    onImages: (done: number) => onImages(before + done, total),
  });
  const key = stageKey({
    stage: "analyse-first-gate",
    version: 1,
    inputs: {
      blocks: blocks.fingerprint,
      images: [dataset.digest("validation"), dataset.digest("test")],
      preprocessing: prepared.model.preprocessing,
      ...{ paths: wanted.paths.map(pathKey), batchSize: run.config.batchSize, platform: run.platform },
    },
  });
  const { entry } = await run.cache.produce(key, async (draft) => {
    await registerBlocks(run, blocks, levelsOf(run.config));
    const validation = await collectTable(run, { ...optionsOf("validation", 0), split: dataset.validation });
    const test = await collectTable(run, { ...optionsOf("test", validation.count), split: dataset.test });
    await draft.write("validation.bin", encodePathTable(validation));
    await draft.write("test.bin", encodePathTable(test));
  });
  return {
    validation: decodePathTable(await entry.read("validation.bin"), "validation"),
    test: decodePathTable(await entry.read("test.bin"), "test"),
  };
}
