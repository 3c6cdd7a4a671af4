import { readFileSync } from "node:fs";
import { calibrationSubset, parsePreprocessorConfig, preprocessor, readCifar10 } from "@quee/datasets";
import { decodeModel } from "@quee/onnx-codec";
import { cleanGraph } from "@quee/onnx-graph";
import type { CalibratedBlock } from "@quee/ptq4vit-quantizer";
import type { Tensor } from "@quee/tensor";
import { developmentFiles } from "@quee/tooling-testing";
import { analyzeVit, attachHead, cutBlocks, quantizableSites } from "@quee/vit-blocks";

const model = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10");
const data = developmentFiles("QUEE_DATA", "cifar10");
export const isThere = model !== null && data !== null;

/** T2T-ViT-7 as one block, and training images of CIFAR-10. */
export async function calibration(count: number): Promise<{ blocks: CalibratedBlock[]; batches: () => Tensor[] }> {
  const whole = cleanGraph(decodeModel(new Uint8Array(readFileSync(`${model}/model.onnx`))));
  const anatomy = analyzeVit(whole);
  const [block] = cutBlocks(whole, anatomy, [anatomy.layers.length]);
  if (block === undefined) throw new Error("no block");
  const graph = attachHead(block, anatomy.head);
  const config: unknown = JSON.parse(readFileSync(`${model}/preprocessor_config.json`, "utf8"));
  const prepare = preprocessor(parsePreprocessorConfig(config));
  const train = await readCifar10({ root: data as string, files: [{ file: "data_batch_1.bin" }], role: "train" });
  const images = calibrationSubset(train, count, 0);
  const batches = Array.from({ length: count / 32 }, (_, b) =>
    prepare(
      images,
      Int32Array.from({ length: 32 }, (_, i) => b * 32 + i),
    ),
  );
  return { blocks: [{ graph, sites: quantizableSites(graph) }], batches: () => batches };
}
