import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson } from "@quee/artifacts";
import type { VitAnatomy } from "@quee/vit-blocks";
import { z } from "zod";

/** `config.json` as transformers.js reads it, with what is known of the network. @param modelFile its own config may lie beside it */
export async function huggingFaceConfig(
  { width, heads, layers, imageShape, classCount }: VitAnatomy,
  classNames: readonly string[],
  modelFile: string,
): Promise<Readonly<Record<string, unknown>>> {
  const beside = join(dirname(modelFile), "config.json");
  const schema = z.looseObject({ patch_size: z.int().positive().optional() });
  const { patch_size } = existsSync(beside) ? await readJson(beside, schema, { kind: "input" }) : {};
  return {
    architectures: ["ViTForImageClassification"],
    model_type: "vit",
    image_size: imageShape[1],
    num_channels: imageShape[0],
    hidden_size: width,
    num_hidden_layers: layers.length,
    num_attention_heads: heads,
    num_labels: classCount,
    ...(patch_size === undefined ? {} : { patch_size }),
    id2label: Object.fromEntries(classNames.map((name, i) => [i, name])),
    label2id: Object.fromEntries(classNames.map((name, i) => [name, i])),
  };
}
