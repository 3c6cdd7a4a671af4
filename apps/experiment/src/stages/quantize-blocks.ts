import { type Bits, bits } from "@quee/core";
import { encodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import { exactWeightType } from "@quee/onnx-session";
import type { BlockSet } from "@quee/path-runtime";
import { type BlockEncodings, blockEncodingsSchema, fakeQuantizeGraph, integerGraph } from "@quee/ptq4vit-quantizer";
import { attachHead, quantizableSites } from "@quee/vit-blocks";
import { z } from "zod";
import { findEncodings } from "../quantize/find-encodings.js";
import { levelsOf, type Run, runStage } from "../run/run.js";
import { calibrationBatches } from "./calibration-batches.js";
import type { Dataset } from "./dataset.js";
import type { Prepared } from "./prepare.js";
import type { Heads } from "./train-heads.js";

/** The level of full precision: float32. */
export const float = bits(32);

/** `encodings.json` */
export const encodingsSchema = z.array(blockEncodingsSchema.extend({ block: z.int() }));

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
    version: 3,
    inputs: {
      prepared: prepared.fingerprint,
      heads: fingerprint,
      preprocessing: prepared.model.preprocessing,
      train: dataset.digest("train"),
      calibration: config.calibration,
      levels,
      seed: config.seed,
      quantizer: config.quantizer,
      // Another type of weights is another kernel with the same answers.
      ...(config.arithmetic === "integer" ? { arithmetic: config.arithmetic } : {}),
    },
    async produce(draft, progress) {
      const blocks = prepared.blocks.map((block, j) => {
        // Rivals with heads or gates of their own read the features.
        const graph = attachHead(block, heads[j] ?? prepared.finalHead, { keepFeatures: true });
        return { index: block.index, graph, sites: quantizableSites(graph) };
      });
      const { batches, labels } = await calibrationBatches(run, dataset, prepared, progress);
      const { stem, ...settings } = config.quantizer;
      const found = await findEncodings({
        ...{ blocks, settings, stem, levels, labels, threads: run.threads, signal: run.signal },
        batches: () => batches,
        onSite: (done, total) => progress.update(done, total, "products"),
      });
      const weights = config.arithmetic === "integer" ? await exactWeightType() : null;
      if (weights === "uint8")
        progress.note("uint8 × int8 saturates on this processor: integer blocks take uint8 weights, and longer");
      const quantize = (graph: Graph, encoded: BlockEncodings) =>
        weights === null ? fakeQuantizeGraph(graph, encoded) : integerGraph(graph, encoded, { weights });
      const encodings: ({ readonly block: number } & BlockEncodings)[] = [];
      for (const [j, { index, graph }] of blocks.entries()) {
        await draft.write(blockFileOf(index, float), encodeModel(graph));
        for (const encoded of found.blocks[j] ?? []) {
          await draft.write(blockFileOf(index, encoded.bits), encodeModel(quantize(graph, encoded)));
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
        model: (block, level) => `${entry.key.hash.slice(0, 16)}/${blockFileOf(block, level)}`,
        read: (block, level) => entry.read(blockFileOf(block, level)),
        siteCount: encodings.filter((one) => one.bits === levels[0]).reduce((sum, { sites }) => sum + sites.length, 0),
      };
    },
    describe: ({ siteCount }) => `${siteCount} products at ${levels.join(", ")} bits, ${config.arithmetic}`,
  });
}

/** The file of a block with its head. */
export function blockFileOf(block: number, level: Bits): string {
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
