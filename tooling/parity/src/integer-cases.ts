import { readFileSync } from "node:fs";
import { bits } from "@quee/core";
import { parsePreprocessorConfig, preprocessor, readCifar10 } from "@quee/datasets";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph, type Graph } from "@quee/onnx-graph";
import { openSession, type SessionOptions } from "@quee/onnx-session";
import { argmaxRows, type Tensor } from "@quee/tensor";
import { developmentFiles } from "@quee/tooling-testing";
import { analyzeVit, attachHead, cutBlocks, quantizableSites } from "@quee/vit-blocks";

export const levels = [8, 6, 4].map(bits);

export interface Block {
  readonly graph: Graph;
  readonly sites: ReturnType<typeof quantizableSites>;
}

/** Blocks that end behind some layers of a raw network, each with the network's own head. */
export function blocksOf(raw: Graph, exits: readonly number[]): readonly Block[] {
  const graph = cleanGraph(raw);
  const anatomy = analyzeVit(graph);
  return cutBlocks(graph, anatomy, exits)
    .map((block) => attachHead(block, anatomy.head))
    .map((block) => ({ graph: block, sites: quantizableSites(block) }));
}

const model = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10");
const data = developmentFiles("QUEE_DATA", "cifar10");

/** T2T-ViT-7 with exits behind layers 2, 4 and 7, and its images; null where the files are absent. */
export const backbone = model === null || data === null ? null : { blocks, images };

function blocks(): readonly Block[] {
  return blocksOf(decodeModel(new Uint8Array(readFileSync(`${model}/model.onnx`))), [2, 4, 7]);
}

/** @param role which part of the data: calibration images are training images */
async function images(role: "calibration" | "validation", count: number): Promise<Tensor> {
  const files =
    role === "validation" ? [{ file: "data_batch_5.bin", start: 5000, count }] : [{ file: "data_batch_1.bin", count }];
  const split = await readCifar10({ root: data as string, files, role });
  const config: unknown = JSON.parse(readFileSync(`${model}/preprocessor_config.json`, "utf8"));
  return preprocessor(parsePreprocessorConfig(config))(
    split,
    Array.from({ length: count }, (_, i) => i),
  );
}

/** Logits at every exit. @returns by block, [N, K] */
export async function logitsOf(
  graphs: readonly Graph[],
  images: Tensor,
  options: SessionOptions & { readonly batchSize?: number } = {},
): Promise<readonly Tensor[]> {
  const { batchSize = 50, ...session } = options;
  const sessions = await Promise.all(graphs.map((graph) => openSession(graph, session)));
  const logits = graphs.map((): number[] => []);
  const [count] = images.shape as [number];
  const size = images.data.length / count;
  let classes = 0;
  for (let from = 0; from < count; from += batchSize) {
    const until = Math.min(count, from + batchSize);
    let hidden: Tensor = {
      shape: [until - from, ...images.shape.slice(1)],
      data: images.data.subarray(from * size, until * size),
    };
    for (const [j, graph] of graphs.entries()) {
      const outputs = await sessions[j]!.run({ [graph.inputs[0]!.name]: hidden });
      const own = outputs["logits"] as Tensor;
      classes = own.shape[1] as number;
      logits[j]!.push(...own.data);
      if (outputs["hidden_states"] !== undefined) hidden = outputs["hidden_states"] as Tensor;
    }
  }
  await Promise.all(sessions.map((one) => one.release()));
  return logits.map((values) => ({ shape: [count, classes], data: Float32Array.from(values) }));
}

export interface Agreement {
  /** Rows with the same largest logit. */
  readonly same: number;
  readonly rows: number;
  /** Of |a − b| over all logits. */
  readonly medianDifference: number;
  readonly largestDifference: number;
}

export function agreementOf(a: Tensor, b: Tensor): Agreement {
  const [answers, others] = [argmaxRows(a), argmaxRows(b)];
  const differences = a.data.map((value, i) => Math.abs(value - b.data[i]!)).toSorted();
  return {
    same: answers.filter((answer, i) => answer === others[i]).length,
    rows: answers.length,
    medianDifference: differences[differences.length >> 1]!,
    largestDifference: differences.at(-1)!,
  };
}
