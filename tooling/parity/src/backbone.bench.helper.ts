import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ImageSplit, parsePreprocessorConfig, preprocessor, readCifar10, syntheticDigits } from "@quee/datasets";
import { decodeModel } from "@quee/onnx-codec";
import type { Graph } from "@quee/onnx-graph";
import type { Tensor } from "@quee/tensor";
import { developmentFiles } from "@quee/tooling-testing";

interface Backbone {
  readonly name: string;
  readonly folder: string;
  /** Layers that an exit follows. */
  readonly exits: readonly number[];
  readonly images: (count: number) => ImageSplit<"train"> | Promise<ImageSplit<"train">>;
}

const model = developmentFiles("QUEE_MODELS", "t2t-vit-7-cifar10");
const data = developmentFiles("QUEE_DATA", "cifar10");

/** T2T-ViT-7 and CIFAR-10 where developers have them, else the bundled backbone and its digits. */
const { folder, images, ...facts }: Backbone =
  model !== null && data !== null
    ? {
        ...{ name: "T2T-ViT-7", folder: model, exits: [2, 4, 7] },
        images: (count) => readCifar10({ root: data, files: [{ file: "data_batch_1.bin", count }], role: "train" }),
      }
    : {
        ...{ name: "the bundled ViT", exits: [2, 3, 6] },
        folder: fileURLToPath(new URL("../../../apps/experiment/models/synthetic-digits", import.meta.url)),
        images: (count) => syntheticDigits({ seed: 1, count, role: "train" }),
      };

export const backbone = {
  ...facts,
  /** As the file has it. */
  graph: (): Graph => decodeModel(new Uint8Array(readFileSync(`${folder}/model.onnx`))),
  /** Training images as the backbone takes them, in batches of 32, [32, 3, H, W]. */
  async batches(count: number): Promise<readonly Tensor[]> {
    const config: unknown = JSON.parse(readFileSync(`${folder}/preprocessor_config.json`, "utf8"));
    const prepare = preprocessor(parsePreprocessorConfig(config));
    const split = await images(count);
    return Array.from({ length: count / 32 }, (_, b) =>
      prepare(
        split,
        Int32Array.from({ length: 32 }, (_, i) => b * 32 + i),
      ),
    );
  },
};
