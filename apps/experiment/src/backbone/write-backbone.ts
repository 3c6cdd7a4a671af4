import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomically } from "@quee/artifacts";
import { QueeError } from "@quee/core";
import type { PreprocessorConfig } from "@quee/datasets";
import { encodeModel } from "@quee/onnx-codec";
import { cleanGraph, type Graph } from "@quee/onnx-graph";
import { analyzeVit } from "@quee/vit-blocks";

/** Makes the folder of a model that is to be trained. @throws QueeError (usage) where it has a model */
export async function claimFolder(folder: string): Promise<void> {
  const file = join(folder, "model.onnx");
  if (existsSync(file)) {
    throw new QueeError({
      code: "E_OUT_EXISTS",
      kind: "usage",
      file,
      expected: "no model yet",
      got: "one",
      hint: "Choose another --out, or move it away",
    });
  }
  await mkdir(folder, { recursive: true });
}

export interface Backbone {
  readonly graph: Graph;
  readonly preprocessing: PreprocessorConfig;
  readonly classNames: readonly string[];
  /** How it came about, for `config.json`. */
  readonly training: Readonly<Record<string, unknown>>;
  readonly validationTop1: number;
}

/** `model.onnx`, `preprocessor_config.json` and `config.json`; the model last, so that a folder with one is complete. */
export async function writeBackbone(folder: string, backbone: Backbone): Promise<void> {
  await writeJson(join(folder, "preprocessor_config.json"), backbone.preprocessing);
  await writeJson(join(folder, "config.json"), description(backbone));
  await writeFileAtomically(join(folder, "model.onnx"), encodeModel(backbone.graph));
}

/** The keys of Hugging Face's ViT configs, as far as they are facts of the graph. */
function description({ graph, classNames, training, validationTop1 }: Backbone) {
  const anatomy = analyzeVit(cleanGraph(graph));
  return {
    model_type: "vit",
    image_size: anatomy.imageShape[1],
    hidden_size: anatomy.width,
    num_hidden_layers: anatomy.layers.length,
    num_attention_heads: anatomy.heads,
    num_labels: anatomy.classCount,
    id2label: Object.fromEntries(classNames.map((name, label) => [label, name])),
    metrics: { validation_top1: validationTop1 },
    training,
  };
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(value, null, 2)}\n`);
}
