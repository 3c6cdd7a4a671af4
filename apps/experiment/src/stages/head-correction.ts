import type { Bits } from "@quee/core";
import { affineOf, correctAnswers, type LogitAffines, leastProbability } from "@quee/exit-heads";
import { decodeModel, encodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import { scaleAndShiftLogits } from "@quee/vit-blocks";
import type { Config } from "../config/schema.js";
import type { Fingerprinted } from "../run/run.js";
import { float, type QuantizedBlocks } from "./quantize-blocks.js";
import type { ChangedAnswers } from "./table-files.js";

/** Heads with corrected logits wherever they answer: in tables that were collected before, and in blocks. Those in full precision stay. */
export interface HeadCorrection {
  /** For tables; absent where heads stay as they were trained. */
  readonly answers?: ChangedAnswers;
  /** The graph of a block at a level with its head corrected. */
  graph(graph: Graph, block: number, level: Bits): Graph;
  blocks(blocks: QuantizedBlocks & Fingerprinted): QuantizedBlocks & Fingerprinted;
  /** The fingerprint of a result that was made with heads as they were trained, once they are corrected. */
  fingerprintOf(result: Fingerprinted): string;
}

/** Heads as they were trained. */
export const uncorrected: HeadCorrection = {
  graph: (graph) => graph,
  blocks: (blocks) => blocks,
  fingerprintOf: ({ fingerprint }) => fingerprint,
};

/** @param fingerprint of the affines */
export function correctionOf(
  affines: LogitAffines,
  { elements }: Pick<Config["tables"], "elements">,
  fingerprint: string,
): HeadCorrection {
  const fingerprintOf = (result: Fingerprinted) => `${result.fingerprint} ${fingerprint}`;
  const graphOf = (graph: Graph, block: number, level: Bits) =>
    level === float ? graph : scaleAndShiftLogits(graph, affineOf(affines, block, level));
  return {
    answers(path, probabilities) {
      const level = path.at(-1) ?? float;
      if (level === float) return probabilities;
      return correctAnswers(probabilities, affineOf(affines, path.length, level), leastProbability[elements]);
    },
    graph: graphOf,
    blocks: (blocks) => ({
      ...blocks,
      fingerprint: fingerprintOf(blocks),
      model: (block, level) =>
        level === float
          ? blocks.model(block, level)
          : `${blocks.model(block, level)}/corrected-${fingerprint.slice(0, 16)}`,
      async read(block, level) {
        const given = await blocks.read(block, level);
        return level === float ? given : encodeModel(graphOf(decodeModel(given), block, level));
      },
    }),
    fingerprintOf,
  };
}
