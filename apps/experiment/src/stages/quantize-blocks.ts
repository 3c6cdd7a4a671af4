import { type Bits, bits } from "@quee/core";
import { calibrationSubset, preprocessor } from "@quee/datasets";
import { encodeModel } from "@quee/onnx-codec";
import type { BlockSet } from "@quee/path-runtime";
import {
  type BlockEncodings,
  blockEncodingsSchema,
  type CalibratedBlock,
  calibrateBlocks,
  fakeQuantizeGraph,
  minMaxEncodings,
  ptq4vitEncodings,
} from "@quee/ptq4vit-quantizer";
import type { Tensor } from "@quee/tensor";
import { attachHead, quantizableSites } from "@quee/vit-blocks";
import { z } from "zod";
import type { StageProgress } from "../run/progress.js";
import { levelsOf, type Run, runStage } from "../run/run.js";
import type { Dataset } from "./dataset.js";
import type { Prepared } from "./prepare.js";
import type { Heads } from "./train-heads.js";

/** The level of full precision: float32. */
export const float = bits(32);

const encodingsSchema = z.array(blockEncodingsSchema.extend({ block: z.int() }));

export interface QuantizedBlocks extends BlockSet {
  /** The model of a block at a level, read and verified. */
  read(block: number, level: Bits): Promise<Uint8Array>;
  readonly siteCount: number;
}

/** Every block with its head, at every level and in float. */
export async function quantizeBlocks(
  run: Run,
  dataset: Dataset,
  prepared: Prepared & { fingerprint: string },
  { heads, fingerprint }: Heads & { fingerprint: string },
) {
  const { config } = run;
  const levels = levelsOf(config);
  return runStage<QuantizedBlocks>(run, {
    name: "quantize-blocks",
    version: 1,
    inputs: {
      prepared: prepared.fingerprint,
      heads: fingerprint,
      preprocessing: prepared.model.preprocessing,
      train: dataset.digest("train"),
      calibration: config.calibration,
      levels,
      seed: config.seed,
      scales: config.quantizer.method === "min-max" ? "min-max" : config.quantizer,
    },
    async produce(draft, progress) {
      const blocks = prepared.blocks.map((block, j) => {
        const graph = attachHead(block, heads[j] ?? prepared.finalHead);
        return { index: block.index, graph, sites: quantizableSites(graph) };
      });
      const images = calibrationSubset(dataset.train, config.calibration.images, config.seed);
      const prepareImages = preprocessor(prepared.model.preprocessing);
      // Prepared once: the search goes over them again and again.
      const batches: Tensor[] = [];
      for (let from = 0; from < images.count; from += config.batchSize) {
        const size = Math.min(config.batchSize, images.count - from);
        batches.push(
          await prepareImages(
            images,
            Int32Array.from({ length: size }, (_, i) => from + i),
          ),
        );
        progress.update(from + size, images.count, "calibration images");
      }
      const found = await encodingsOf(run, blocks, batches, images.labels, progress);
      const encodings: ({ readonly block: number } & BlockEncodings)[] = [];
      for (const [j, { index, graph }] of blocks.entries()) {
        await draft.write(fileOf(index, float), encodeModel(graph));
        for (const encoded of found[j] ?? []) {
          await draft.write(fileOf(index, encoded.bits), encodeModel(fakeQuantizeGraph(graph, encoded)));
          encodings.push({ block: index, ...encoded });
        }
      }
      await draft.writeJson("encodings.json", encodingsSchema, encodingsSchema.parse(encodings));
    },
    async load(entry) {
      const encodings = await entry.readJson("encodings.json", encodingsSchema);
      return {
        exitCount: config.exits.length,
        classCount: prepared.anatomy.classCount,
        model: (block, level) => `${entry.key.hash.slice(0, 16)}/${fileOf(block, level)}`,
        read: (block, level) => entry.read(fileOf(block, level)),
        siteCount: encodings.filter((one) => one.bits === levels[0]).reduce((sum, { sites }) => sum + sites.length, 0),
      };
    },
    describe: ({ siteCount }) => `${siteCount} products at ${levels.join(", ")} bits`,
  });
}

/** By block, then by level. */
async function encodingsOf(
  { config, signal }: Run,
  blocks: readonly CalibratedBlock[],
  batches: readonly Tensor[],
  labels: Int32Array,
  progress: StageProgress,
): Promise<readonly (readonly BlockEncodings[])[]> {
  const levels = levelsOf(config);
  if (config.quantizer.method === "min-max") {
    const ranges = await calibrateBlocks({ blocks, batches, signal });
    return blocks.map(({ graph, sites }, j) =>
      levels.map((level) => minMaxEncodings(graph, sites, ranges[j] ?? new Map(), level)),
    );
  }
  const { gradient, compatibility, twins, memoryMegabytes } = config.quantizer;
  const found = await ptq4vitEncodings({
    blocks,
    batches: () => batches,
    bitWidths: levels,
    gradient,
    compatibility,
    twins,
    labels,
    memoryBytes: memoryMegabytes * 2 ** 20,
    signal,
    onSite: (done, total) => progress.update(done, total, "products"),
  });
  return found.blocks;
}

function fileOf(block: number, level: Bits): string {
  return level === float ? `block-${block}-float.onnx` : `block-${block}-w${level}a${level}.onnx`;
}

/** Makes the models of a set of levels known to the pool. */
export async function registerBlocks(run: Run, blocks: QuantizedBlocks, levels: readonly Bits[]): Promise<void> {
  const pool = await run.pool();
  for (let block = 1; block <= blocks.exitCount; block++) {
    for (const level of levels) {
      const key = blocks.model(block, level);
      if (!pool.has(key)) pool.register(key, await blocks.read(block, level));
    }
  }
}
